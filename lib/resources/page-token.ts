import type { Deps } from '../deps.ts';
import { invalidArgument, KinesisFault } from '../faults.ts';

/** Makes the token for the next page of a list. It is encrypted, and valid for this list only. */
export async function encryptPageToken(purpose: string, page: object, deps: Deps): Promise<string> {
  const cipher = await deps.tokenCipher();
  return cipher.encrypt(purpose, Buffer.from(JSON.stringify({ page, issuedMs: deps.now() }))).toString('base64');
}

/**
 * Decrypts a token.
 * @throws KinesisFault InvalidArgumentException for an invalid token, ExpiredNextTokenException for one that is too old
 */
export async function decryptPageToken<P>(purpose: string, token: string, deps: Deps): Promise<P> {
  const cipher = await deps.tokenCipher();
  const opened = cipher.decrypt(purpose, Buffer.from(token, 'base64'));
  if (opened === undefined) {
    throw invalidArgument('Invalid NextToken.');
  }
  const { page, issuedMs } = JSON.parse(opened.toString()) as { page: P; issuedMs: number };
  if (deps.now() - issuedMs > deps.limits.tokenLifeMs) {
    throw new KinesisFault('ExpiredNextTokenException', 'NextToken has expired.');
  }
  return page;
}
