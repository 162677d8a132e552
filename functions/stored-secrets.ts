import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { type Credentials, credentialsOf } from '../lib/authentication/credentials.ts';
import type { Configuration } from '../lib/configuration.ts';

/** How old what is remembered of the secret may get: a new key works, and a revoked one stops working, within this time. */
const FRESH_SECONDS = 30;

/** The proxy's secret changes with a deployment only. */
const PROXY_SECRET_FRESH_SECONDS = 300;

/** What the configuration names of Secrets Manager. */
export interface StoredSecrets {
  readonly credentials: Credentials | undefined;
  /** Tells what the stack's own proxy proves itself with; undefined where there is none. */
  readonly proxySecret: (() => Promise<string>) | undefined;
}

/** What Secrets Manager keeps for this configuration, read when it is needed and remembered for a while. */
export function storedSecrets({ credentialsSecret, proxySecret }: Configuration): StoredSecrets {
  return {
    credentials: credentialsSecret === undefined ? undefined : credentialsOf(text(credentialsSecret, FRESH_SECONDS)),
    proxySecret: proxySecret === undefined ? undefined : text(proxySecret, PROXY_SECRET_FRESH_SECONDS),
  };
}

const text = (secret: string, maxAge: number) => async () => String(await getSecret(secret, { maxAge }));
