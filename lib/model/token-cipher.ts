import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomFillSync } from 'node:crypto';

/** The size of the key, bytes: AES-256. */
export const TOKEN_KEY_BYTES = 32;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** How much longer an encrypted token is than its payload. */
export const TOKEN_OVERHEAD_BYTES = NONCE_BYTES + TAG_BYTES;

/**
 * Encrypts the tokens that clients keep between calls (iterators, pagination tokens). The encryption is authenticated,
 * so that nobody can read, forge or change a token. It includes the purpose: a token for one purpose is invalid for
 * another.
 */
export class TokenCipher {
  readonly #key: KeyObject;

  /** @param key 32 secret bytes */
  constructor(key: Uint8Array) {
    // Created once: creating a key from bytes takes longer than encrypting a token.
    this.#key = createSecretKey(key);
  }

  encrypt(purpose: string, payload: Uint8Array): Buffer {
    const nonce = randomFillSync(Buffer.allocUnsafe(NONCE_BYTES));
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(purpose));
    return Buffer.concat([nonce, cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  }

  /** @returns undefined unless the token was encrypted with this key for this purpose, and is unchanged */
  decrypt(purpose: string, encrypted: Uint8Array): Buffer | undefined {
    if (encrypted.length < TOKEN_OVERHEAD_BYTES) {
      return undefined;
    }
    const end = encrypted.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, this.#key, encrypted.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(encrypted.subarray(end));
    try {
      return Buffer.concat([decipher.update(encrypted.subarray(NONCE_BYTES, end)), decipher.final()]);
    } catch {
      // final() only fails when the tag does not match.
      return undefined;
    }
  }
}
