import { type PolicyDocument, policyProblem } from '../model/policy-document.ts';
import { parseStrictly } from '../model/strict-json.ts';

/** An access key of this deployment, and its policy. */
export interface Credential {
  /** The owner: the user in the principal's ARN. One user may have several keys. */
  readonly name: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only temporary credentials have one. Requests must include it. */
  readonly sessionToken?: string;
  /** When it expires, epoch ms; undefined: never. */
  readonly expiresMs?: number;
  readonly policy: PolicyDocument;
  /** The owner is the account's root user. No resource policy can stop this user from changing resource policies. */
  readonly root?: true;
}

/** Where credentials are looked up. */
export interface Credentials {
  /** @returns undefined when there is no such access key */
  find(accessKeyId: string): Promise<Credential | undefined>;
}

/** A credential in the credentials document. */
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

/** The JSON content of the secret or the file. */
export interface CredentialsDocument {
  readonly credentials: readonly StoredCredential[];
}

/**
 * Parses a credentials document.
 * @throws Error with a sentence that says what is wrong. It never contains any part of a secret
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

/** The credentials of a document, by access key id. */
export function credentialsByKey({ credentials }: CredentialsDocument): ReadonlyMap<string, Credential> {
  return new Map(
    credentials.map(({ expiresAt, ...credential }) => [
      credential.accessKeyId,
      { ...credential, ...(expiresAt !== undefined && { expiresMs: Date.parse(expiresAt) }) },
    ]),
  );
}

/**
 * Looks up credentials in a document. It parses the document again only when its text has changed.
 * @param read returns the current text of the document
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
