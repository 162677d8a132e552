import { describe, expect, it } from 'vitest';
import { addCredential, revokeCredential, rotateCredential } from '../../lib/authentication/credential-changes.ts';
import { credentialsByKey, parseCredentials } from '../../lib/authentication/credentials.ts';

const POLICY = { Statement: [] };
const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2030-01-01T00:00:00Z');

const { document, created } = addCredential({ credentials: [] }, { name: 'ann', policy: POLICY });

describe('an access key', () => {
  it('is unlike any other, and readable by who reads the document', () => {
    const second = addCredential(document, { name: 'ann', policy: POLICY });

    expect(second.created.accessKeyId).toMatch(/^RIVU[A-Z2-7]{16}$/);
    expect(second.created.accessKeyId).not.toBe(created.accessKeyId);
    expect([...credentialsByKey(parseCredentials(JSON.stringify(second.document))).keys()]).toEqual([
      created.accessKeyId,
      second.created.accessKeyId,
    ]);
  });

  it('that is rotated works on for its grace, which another rotation never makes longer', () => {
    const once = rotateCredential(document, created.accessKeyId, NOW_MS, HOUR_MS);
    const twice = rotateCredential(once.document, created.accessKeyId, NOW_MS, 100 * HOUR_MS);

    for (const rotated of [once, twice]) {
      expect(rotated.document.credentials[0]?.expiresAt).toBe('2030-01-01T01:00:00.000Z');
      expect(rotated.created.policy).toBe(POLICY);
    }
  });

  it('that has expired gives no other, and goes with the next rotation', () => {
    const rotated = rotateCredential(document, created.accessKeyId, NOW_MS, HOUR_MS);
    const laterMs = NOW_MS + 2 * HOUR_MS;

    expect(() => rotateCredential(rotated.document, created.accessKeyId, laterMs, HOUR_MS)).toThrow('has expired');
    const again = rotateCredential(rotated.document, rotated.created.accessKeyId, laterMs, HOUR_MS);
    expect(again.document.credentials.map(({ accessKeyId }) => accessKeyId)).not.toContain(created.accessKeyId);
  });

  it('that is not there cannot be revoked', () => {
    expect(() => revokeCredential(document, 'RIVUNONE')).toThrow('there is no access key RIVUNONE');
    expect(revokeCredential(document, created.accessKeyId).credentials).toEqual([]);
  });
});

describe('a credentials document', () => {
  it.each([
    ['{', 'the credentials document is no JSON object'],
    ['{}', 'the credentials document must be a JSON object with an array "credentials"'],
    ['{"credentials":[{"name":"a b"}]}', 'credentials[0].name must be a text that matches'],
    [
      JSON.stringify({ credentials: [{ ...created, policy: { Statement: {} } }] }),
      'credentials[0].policy has a statement that has no Effect of Allow or Deny',
    ],
    [
      JSON.stringify({ credentials: [{ ...created, expiresAt: 'soon' }] }),
      'credentials[0].expiresAt must be a time such as 2030-01-31T00:00:00Z',
    ],
  ])('says what is wrong with it, and no secret: %s', (text, sentence) => {
    expect(() => parseCredentials(text)).toThrow(sentence);
    expect(() => parseCredentials(text)).not.toThrow(created.secretAccessKey);
  });
});
