/** What the command line ends with. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A problem that is told in one line, without a stack trace. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(sentence: string, exitCode: number = EXIT.failed) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** A wrong option or argument. */
export const usage = (sentence: string): Failure => new Failure(sentence, EXIT.usage);

/** The work was ended from outside, before it was complete. */
export const interrupted = (): Failure => new Failure('interrupted', EXIT.interrupted);

/** What errors of the network mean to a user. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. `rivulet` starts a local server; --endpoint names another',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  ECONNRESET: 'the connection was closed',
  ETIMEDOUT: 'nothing answers there',
  TimeoutError: 'nothing answers there',
  EPROTO: 'it does not speak this protocol: http and https may be mixed up',
};

/** What errors of AWS' SDKs and of Kinesis mean to a user, where their own sentence leaves it open. */
const HINTS: Readonly<Record<string, string>> = {
  CredentialsProviderError: 'no credentials were found: --profile names a profile of the AWS CLI',
  ExpiredTokenException: 'the credentials have expired: log in again',
  UnrecognizedClientException: 'the endpoint does not know this access key',
  InvalidSignatureException: 'the access key, the region or the time of this machine may be wrong',
};

/**
 * One sentence for any error.
 * @param at the endpoint, if the error does not name it itself
 */
export function sentenceOf(error: unknown, at = 'the endpoint'): string {
  if (error instanceof Failure) {
    return error.message;
  }
  const { name = '', message = '', endpoint = at } = error as Error & { readonly endpoint?: string };
  const reason = networkReason(error as NodeJS.ErrnoException);
  if (reason !== undefined) {
    return `${endpoint} cannot be reached: ${reason}`;
  }
  const hint = HINTS[name];
  const sentence = [message || name || String(error), hint && `(${hint})`].filter(Boolean).join(' ');
  return name === '' || name === 'Error' ? sentence : `${name}: ${sentence}`;
}

/** What went wrong, and then how far the work came before it. */
export function failedAfter(error: unknown, at: string, progress: string): Failure {
  const exitCode = error instanceof Failure ? error.exitCode : EXIT.failed;
  return new Failure(`${sentenceOf(error, at).replace(/\.$/, '')}. ${progress}`, exitCode);
}

function networkReason({
  code = '',
  name,
  message,
  cause,
}: NodeJS.ErrnoException & { readonly cause?: unknown }): string | undefined {
  const within = (cause ?? {}) as NodeJS.ErrnoException;
  const reason = NETWORK[code] ?? NETWORK[name] ?? NETWORK[within.code ?? ''];
  // What `fetch` throws for everything.
  return reason ?? (message === 'fetch failed' ? within.message : undefined);
}
