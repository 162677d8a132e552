import {
  ALGORITHM,
  bodyHash,
  type CredentialScope,
  scopeText,
  signatureTime,
  signatureWith,
  signingKey,
} from './signature.ts';

/** The headers that DynamoDB and Kinesis require to be signed. Other headers do not change what a call does. */
const SIGNED = ['content-type', 'host', 'x-amz-date', 'x-amz-target'] as const;
const TOKEN = 'x-amz-security-token';

/** What a request is signed with. */
export interface SigningKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A call of an API whose operations are named by `x-amz-target`. */
export interface SignableRequest {
  readonly method: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  /** By names in lower case. Those of the signature are added. */
  readonly headers: Record<string, string>;
  readonly body?: Parameters<typeof bodyHash>[0] | undefined;
}

/**
 * Signs calls as the signer of the AWS SDK does, without the parts that only other services need. This saves
 * time: signing takes most of the time of a small call. The signing key of a day is computed once.
 */
export class RequestSigner {
  readonly #region: string;
  readonly #service: 'dynamodb' | 'kinesis';
  readonly #credentials: () => Promise<SigningKeys>;
  #key: { readonly secret: string; readonly date: string; readonly bytes: Uint8Array } | undefined;

  constructor(region: string, service: 'dynamodb' | 'kinesis', credentials: () => Promise<SigningKeys>) {
    this.#region = region;
    this.#service = service;
    this.#credentials = credentials;
  }

  async sign<R extends SignableRequest>(request: R): Promise<R> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.#credentials();
    const time = signatureTime(Date.now());
    const scope = { date: time.slice(0, 8), region: this.#region, service: this.#service };
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
