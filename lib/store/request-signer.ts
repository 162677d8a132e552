import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  ALGORITHM,
  bodyHash,
  type CredentialScope,
  scopeText,
  signatureTime,
  signatureWith,
  signingKey,
} from '../signing/signature.ts';

/** The headers that DynamoDB requires to be signed. Other headers do not change what a call does. */
const SIGNED = ['content-type', 'host', 'x-amz-date', 'x-amz-target'] as const;
const TOKEN = 'x-amz-security-token';

type SignerOf<C> = C extends { signer?: infer S }
  ? Exclude<S, undefined | ((...parameters: never[]) => unknown)>
  : never;
type Signer = SignerOf<DynamoDBClientConfig>;
type HttpRequest = Parameters<Signer['sign']>[0];
type Credentials = Awaited<ReturnType<DynamoDBClient['config']['credentials']>>;

/**
 * Signs DynamoDB calls as the signer of the AWS SDK does, without the parts that only other services need. This saves
 * time: signing takes most of the time of a small call. The signing key of a day is computed once.
 */
export class RequestSigner implements Signer {
  readonly #region: string;
  readonly #credentials: () => Promise<Credentials>;
  #key: { readonly secret: string; readonly date: string; readonly bytes: Uint8Array } | undefined;

  constructor(region: string, credentials: () => Promise<Credentials>) {
    this.#region = region;
    this.#credentials = credentials;
  }

  async sign(request: HttpRequest): Promise<HttpRequest> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#credentials();
    const time = signatureTime(Date.now());
    const scope = { date: time.slice(0, 8), region: this.#region, service: 'dynamodb' };
    const { headers, method, path } = request;
    headers['x-amz-date'] = time;
    headers.host ??= request.port === undefined ? request.hostname : `${request.hostname}:${request.port}`;
    if (sessionToken !== undefined) {
      headers[TOKEN] = sessionToken;
    }
    const signed = sessionToken === undefined ? SIGNED : [...SIGNED, TOKEN].sort();
    const signature = signatureWith(
      this.#keyFor(secretAccessKey, scope),
      { method, path, query: new URLSearchParams(), headers, bodyHash: bodyHash(request.body ?? '') },
      signed,
      scope,
      time,
    );
    headers.authorization =
      `${ALGORITHM} Credential=${accessKeyId}/${scopeText(scope)}, ` +
      `SignedHeaders=${signed.join(';')}, Signature=${signature}`;
    return request;
  }

  #keyFor(secret: string, scope: CredentialScope): Uint8Array {
    if (this.#key?.secret !== secret || this.#key.date !== scope.date) {
      this.#key = { secret, date: scope.date, bytes: signingKey(secret, scope) };
    }
    return this.#key.bytes;
  }
}

/** Removes middleware that is not needed here: debug log lines, X-Ray's loop detection, and the user agent header. */
export function removeUnusedMiddleware(client: DynamoDBClient): void {
  for (const name of ['loggerMiddleware', 'recursionDetectionMiddleware', 'getUserAgentMiddleware']) {
    client.middlewareStack.remove(name);
  }
}
