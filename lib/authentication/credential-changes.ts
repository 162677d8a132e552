import { randomBytes } from 'node:crypto';
import type { PolicyDocument } from '../model/policy-document.ts';
import type { CredentialsDocument, StoredCredential } from './credentials.ts';

/** A key id: this prefix and ten random bytes in base 32. AWS does not use the prefix, so it looks unlike AWS keys. */
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

/** The changed document, and the new credential in it. */
export interface Changed {
  readonly document: CredentialsDocument;
  readonly created: StoredCredential;
}

/** The owner of an access key, and the policy of the key. */
export type Owner = Pick<StoredCredential, 'name' | 'policy' | 'root'>;

/** Adds an access key. */
export function addCredential(document: CredentialsDocument, owner: Owner): Changed {
  const created = { ...owner, ...newKey() };
  return { document: { credentials: [...document.credentials, created] }, created };
}

/** Removes an access key. @throws Error when no key has this id */
export function revokeCredential(document: CredentialsDocument, accessKeyId: string): CredentialsDocument {
  findCredential(document, accessKeyId);
  return { credentials: document.credentials.filter((credential) => credential.accessKeyId !== accessKeyId) };
}

/** Changes the policy of an access key. @throws Error when no key has this id */
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
 * Adds a new access key that replaces an old one. The old key stays valid for a while. Expired keys are removed.
 * @param nowMs   epoch ms
 * @param graceMs how long the old key stays valid at most, ms
 * @throws Error when no key has this id, or the key has expired
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
