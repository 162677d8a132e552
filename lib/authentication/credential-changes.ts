import { randomBytes } from 'node:crypto';
import type { PolicyDocument } from '../model/policy-document.ts';
import type { CredentialsDocument, StoredCredential } from './credentials.ts';

/** Base 32 of ten random bytes behind a prefix that is not AWS': nobody takes it for a key of an AWS account. */
const KEY_PREFIX = 'RIVU';
const KEY_BYTES = 10;
const SECRET_BYTES = 30;

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function newKey(): Pick<StoredCredential, 'accessKeyId' | 'secretAccessKey'> {
  const bits = [...randomBytes(KEY_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = bits.match(/.{5}/g)?.map((five) => BASE32[Number.parseInt(five, 2)]) ?? [];
  return {
    accessKeyId: KEY_PREFIX + letters.join(''),
    secretAccessKey: randomBytes(SECRET_BYTES).toString('base64'),
  };
}

/** A changed document, and the credential that is new in it. */
export interface Changed {
  readonly document: CredentialsDocument;
  readonly created: StoredCredential;
}

/** Whom an access key belongs to, and what it may do. */
export type Owner = Pick<StoredCredential, 'name' | 'policy' | 'root'>;

/** Adds an access key. */
export function addCredential(document: CredentialsDocument, owner: Owner): Changed {
  const created = { ...owner, ...newKey() };
  return { document: { credentials: [...document.credentials, created] }, created };
}

/** Takes an access key away. @throws Error when there is none of that id */
export function revokeCredential(document: CredentialsDocument, accessKeyId: string): CredentialsDocument {
  findCredential(document, accessKeyId);
  return { credentials: document.credentials.filter((credential) => credential.accessKeyId !== accessKeyId) };
}

/** Changes what an access key may do. @throws Error when there is none of that id */
export function setPolicy(
  document: CredentialsDocument,
  accessKeyId: string,
  policy: PolicyDocument,
): CredentialsDocument {
  findCredential(document, accessKeyId);
  return {
    credentials: document.credentials.map((credential) =>
      credential.accessKeyId === accessKeyId ? { ...credential, policy } : credential,
    ),
  };
}

/**
 * Adds a new access key in the place of another, which works on for a while. Keys that have expired are taken away.
 * @param nowMs   epoch ms
 * @param graceMs how long the old key still works
 * @throws Error when there is none of that id, or it has expired
 */
export function rotateCredential(
  document: CredentialsDocument,
  accessKeyId: string,
  nowMs: number,
  graceMs: number,
): Changed {
  const { name, root, policy, expiresAt: former } = findCredential(document, accessKeyId);
  const formerMs = former === undefined ? Number.POSITIVE_INFINITY : Date.parse(former);
  if (formerMs <= nowMs) {
    throw new Error(`the access key ${accessKeyId} has expired`);
  }
  const expiresAt = new Date(Math.min(formerMs, nowMs + graceMs)).toISOString();
  const credentials = document.credentials
    .filter((credential) => credential.expiresAt === undefined || Date.parse(credential.expiresAt) > nowMs)
    .map((credential) => (credential.accessKeyId === accessKeyId ? { ...credential, expiresAt } : credential));
  return addCredential({ credentials }, { name, policy, ...(root && { root }) });
}

function findCredential({ credentials }: CredentialsDocument, accessKeyId: string): StoredCredential {
  const found = credentials.find((credential) => credential.accessKeyId === accessKeyId);
  if (found === undefined) {
    throw new Error(`there is no access key ${accessKeyId}`);
  }
  return found;
}
