import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type CredentialsDocument, parseCredentials } from '../../lib/authentication/credentials.ts';

/** Computes a new document from the current one. @throws Error if the change is not possible */
export type Change<T extends { readonly document: CredentialsDocument }> = (document: CredentialsDocument) => T;

/** The place where a credentials document is stored. */
export interface CredentialsPlace {
  read(): Promise<CredentialsDocument>;
  /**
   * Changes the document on condition that it is as it was read. If another writer was faster, the change is applied
   * again, to the newer document.
   * @throws Error what the change throws, or that other writers were faster on every try
   */
  change<T extends { readonly document: CredentialsDocument }>(change: Change<T>): Promise<T>;
}

const CURRENT = 'AWSCURRENT';
const MAX_TRIES = 10;

/**
 * A secret. A new version becomes the current one only if the version that was read is still the current one. Secrets
 * Manager refuses to move the label from a version that does not have it.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html
 */
export function secretPlace(SecretId: string, client = new SecretsManagerClient({})): CredentialsPlace {
  const current = async () => {
    const { SecretString = '', VersionId } = await client.send(new GetSecretValueCommand({ SecretId }));
    return { document: parseCredentials(SecretString), VersionId };
  };
  const replace = async (document: CredentialsDocument, RemoveFromVersionId: string | undefined) => {
    const MoveToVersionId = randomUUID();
    // Secrets Manager may delete a version without a label at any time. So the version gets its own label until it is
    // current.
    const pending = `rivulet-${MoveToVersionId}`;
    const SecretString = JSON.stringify(document);
    await client.send(
      new PutSecretValueCommand({
        SecretId,
        SecretString,
        ClientRequestToken: MoveToVersionId,
        VersionStages: [pending],
      }),
    );
    try {
      const move = { SecretId, VersionStage: CURRENT, MoveToVersionId, RemoveFromVersionId };
      await client.send(new UpdateSecretVersionStageCommand(move));
      return true;
    } catch (error) {
      if (error instanceof InvalidParameterException || error instanceof InvalidRequestException) {
        return false;
      }
      throw error;
    } finally {
      const label = { SecretId, VersionStage: pending, RemoveFromVersionId: MoveToVersionId };
      await client.send(new UpdateSecretVersionStageCommand(label));
    }
  };
  return {
    read: async () => (await current()).document,
    change: async (change) => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const { document, VersionId } = await current();
        const changed = change(document);
        if (await replace(checked(changed.document), VersionId)) {
          return changed;
        }
      }
      throw new Error(`others changed ${SecretId} at the same time, again and again: nothing was changed`);
    },
  };
}

const LOCK_TRIES = 100;
const LOCK_PAUSE_MS = 100;

/**
 * A file. The next version is written to `<file>.lock`, which only one process at a time can create. Then it is
 * renamed to the file in one step, because a server may be reading the file.
 */
export function filePlace(file: string): CredentialsPlace {
  const read = async () => {
    try {
      return parseCredentials(await readFile(file, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return { credentials: [] };
      }
      throw error;
    }
  };
  const lock = `${file}.lock`;
  return {
    read,
    change: async (change) => {
      const handle = await locked(lock);
      try {
        const changed = change(await read());
        await handle.writeFile(`${JSON.stringify(checked(changed.document), undefined, 2)}\n`);
        await handle.close();
        await rename(lock, file);
        return changed;
      } catch (error) {
        await handle.close().catch(() => {});
        await rm(lock, { force: true });
        throw error;
      }
    },
  };
}

/**
 * Creates the lock file. If it exists, it waits for about ten seconds until another process removes it. Only the
 * owner may read the file.
 * @throws Error if the file still exists then
 */
async function locked(lock: string): Promise<FileHandle> {
  for (let tries = 0; tries < LOCK_TRIES; tries++) {
    try {
      return await open(lock, 'wx', 0o600);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw error;
      }
      await sleep(LOCK_PAUSE_MS);
    }
  }
  throw new Error(`somebody else is changing the file: if nobody is, remove ${lock}`);
}

/** Makes sure that no document is written that servers could not read. */
function checked(document: CredentialsDocument): CredentialsDocument {
  parseCredentials(JSON.stringify(document));
  return document;
}
