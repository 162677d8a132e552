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

/** The proxy's secret changes with a deployment only. */
const PROXY_SECRET_FRESH_SECONDS = 300;

/** Clocks of file systems may tick no faster: what changed so short a time before it was read may change unnoticed, ms. */
const FILE_CLOCK_MS = 2_000;

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

/** Tells what the stack's own proxy proves itself with; undefined where there is none. */
export const configuredProxySecret = ({ proxySecret }: Configuration): (() => Promise<string>) | undefined =>
  proxySecret === undefined
    ? undefined
    : async () => String(await getSecret(proxySecret, { maxAge: PROXY_SECRET_FRESH_SECONDS }));

/** Reads a file again only when it has changed, or may have. */
function fileText(file: string): () => Promise<string> {
  let text = '';
  let read: { readonly state: string; readonly isCertain: boolean } | undefined;
  return async () => {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    const state = [ino, size, mtimeMs, ctimeMs].join();
    if (state !== read?.state || !read.isCertain) {
      const isCertain = Date.now() - Math.max(mtimeMs, ctimeMs) > FILE_CLOCK_MS;
      text = await readFile(file, 'utf8');
      read = { state, isCertain };
    }
    return text;
  };
}
