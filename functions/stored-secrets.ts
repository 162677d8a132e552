import { getSecret } from '@aws-lambda-powertools/parameters/secrets';
import { type Credentials, credentialsOf } from '../lib/authentication/credentials.ts';
import type { Configuration } from '../lib/configuration.ts';

/** How long the secret is cached, s: a new key works, and a revoked one stops working, within this time. */
const FRESH_SECONDS = 30;

/** The proxy's secret changes only with a deployment, so it can be cached for longer. */
const PROXY_SECRET_FRESH_SECONDS = 300;

/** The secrets that the configuration names. */
export interface StoredSecrets {
  readonly credentials: Credentials | undefined;
  /** Returns the secret of the stack's own proxy. Undefined if there is no proxy. */
  readonly proxySecret: (() => Promise<string>) | undefined;
}

/** The secrets of this configuration in Secrets Manager. They are read when needed, and cached. */
export function storedSecrets({ credentialsSecret, proxySecret }: Configuration): StoredSecrets {
  return {
    credentials: credentialsSecret === undefined ? undefined : credentialsOf(text(credentialsSecret, FRESH_SECONDS)),
    proxySecret: proxySecret === undefined ? undefined : text(proxySecret, PROXY_SECRET_FRESH_SECONDS),
  };
}

const text = (secret: string, maxAge: number) => async () => String(await getSecret(secret, { maxAge }));
