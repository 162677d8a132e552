import { readFile, stat } from 'node:fs/promises';
import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import {
  type Credential,
  type Credentials,
  credentialsByKey,
  parseCredentials,
} from '../lib/authentication/credentials.ts';
import type { Configuration } from '../lib/configuration.ts';

/** How old what is remembered of the secret may get: a new key works, and a revoked one stops working, within this time. */
const FRESH_SECONDS = 30;

/** The credentials that the configuration names; undefined when it names none. */
export function configuredCredentials({ credentialsSecret, credentialsFile }: Configuration): Credentials | undefined {
  if (credentialsSecret !== undefined) {
    return parsedOnce(async () => String(await getSecret(credentialsSecret, { maxAge: FRESH_SECONDS })));
  }
  if (credentialsFile !== undefined) {
    return parsedOnce(fileText(credentialsFile));
  }
  return undefined;
}

/** Looks up credentials in a document that is parsed anew only when its text has changed. */
function parsedOnce(read: () => Promise<string>): Credentials {
  let text: string | undefined;
  let byKey: ReadonlyMap<string, Credential> = new Map();
  return {
    find: async (accessKeyId) => {
      const current = await read();
      if (current !== text) {
        byKey = credentialsByKey(parseCredentials(current));
        text = current;
      }
      return byKey.get(accessKeyId);
    },
  };
}

/** Reads a file again only when it has changed. */
function fileText(file: string): () => Promise<string> {
  let text = '';
  let readMs: number | undefined;
  return async () => {
    const { mtimeMs } = await stat(file);
    if (mtimeMs !== readMs) {
      text = await readFile(file, 'utf8');
      readMs = mtimeMs;
    }
    return text;
  };
}
