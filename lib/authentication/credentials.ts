import { type PolicyDocument, policyProblem } from '../model/policy-document.ts';
import { parseStrictly } from '../model/strict-json.ts';

/** An access key of this deployment, and what its owner may do. */
export interface Credential {
  /** Who it belongs to: the user of the principal's ARN. Several keys may be one user's. */
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials have one; requests must bring it along. */
  readonly sessionToken?: string;
  /** From when on it is refused, epoch ms; undefined: never. */
  readonly expiresMs?: number;
  readonly policy: PolicyDocument;
  /** The account's root user instead of one by name: no resource policy keeps it from changing resource policies. */
  readonly root?: true;
}

/** Where credentials are looked up. */
export interface Credentials {
  /** @returns undefined when there is no such access key */
  find(accessKeyId: string): Promise<Credential | undefined>;
}

/** A credential as the credentials document has it. */
export interface StoredCredential {
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** ISO 8601. */
  readonly expiresAt?: string;
  readonly policy: PolicyDocument;
  readonly root?: true;
}

/** What the secret or the file holds, as JSON. */
export interface CredentialsDocument {
  readonly credentials: readonly StoredCredential[];
}

/**
 * Reads a credentials document.
 * @throws Error with a sentence that says what is wrong, and never with any part of a secret
 */
export function parseCredentials(text: string): CredentialsDocument {
  const document = parsed(text);
  if (!Array.isArray(document.credentials)) {
    throw new Error('the credentials document must be a JSON object with an array "credentials"');
  }
  for (const [index, credential] of document.credentials.entries()) {
    checkCredential(credential, `credentials[${index}]`);
  }
  return document as unknown as CredentialsDocument;
}

function parsed(text: string): Record<string, unknown> {
  const value = parseStrictly(text);
  if (typeof value !== 'object' || value === null) {
    throw new Error('the credentials document is no JSON object, or has two members of one name in an object');
  }
  return value as Record<string, unknown>;
}

const REQUIRED = { name: /^[\w+=,.@-]{1,64}$/, accessKeyId: /^\w{16,128}$/, secretAccessKey: /^\S{16,128}$/ } as const;

function checkCredential(credential: unknown, where: string): void {
  const members = (typeof credential === 'object' && credential !== null ? credential : {}) as Record<string, unknown>;
  for (const [member, pattern] of Object.entries(REQUIRED)) {
    const value = members[member];
    if (typeof value !== 'string' || !pattern.test(value)) {
      throw new Error(`${where}.${member} must be a text that matches ${pattern.source}`);
    }
  }
  if (members.sessionToken !== undefined && typeof members.sessionToken !== 'string') {
    throw new Error(`${where}.sessionToken must be a text`);
  }
  if (members.expiresAt !== undefined && Number.isNaN(Date.parse(String(members.expiresAt)))) {
    throw new Error(`${where}.expiresAt must be a time such as 2030-01-31T00:00:00Z`);
  }
  if (members.root !== undefined && members.root !== true) {
    throw new Error(`${where}.root must be true, or left out`);
  }
  const problem = policyProblem(members.policy, 'identity');
  if (problem !== undefined) {
    throw new Error(`${where}.policy ${problem}`);
  }
}

/** The credentials of a document by their access keys. */
export function credentialsByKey({ credentials }: CredentialsDocument): ReadonlyMap<string, Credential> {
  return new Map(
    credentials.map(({ expiresAt, ...credential }) => [
      credential.accessKeyId,
      { ...credential, ...(expiresAt !== undefined && { expiresMs: Date.parse(expiresAt) }) },
    ]),
  );
}

/**
 * Looks up credentials in a document, which is parsed anew only when its text has changed.
 * @param read gives the document's text as it is now
 */
export function credentialsOf(read: () => Promise<string>): Credentials {
  let text: string | undefined;
  let byKey: ReadonlyMap<string, Credential> = new Map();
  return {
    find: async (accessKeyId) => {
      const current = await read();
      if (current !== text) {
        byKey = credentialsByKey(parseCredentials(current));
        text = current;
      }
      return byKey.get(accessKeyId);
    },
  };
}
