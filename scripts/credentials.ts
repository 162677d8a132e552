import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  addCredential,
  type Changed,
  revokeCredential,
  rotateCredential,
} from '../lib/authentication/credential-changes.ts';
import { type CredentialsDocument, parseCredentials } from '../lib/authentication/credentials.ts';
import { type PolicyDocument, policyProblem } from '../lib/authorization/policy-document.ts';
import { parseStrictly } from '../lib/authorization/strict-json.ts';

const USAGE = `npm run credentials -- <command> (--secret <ARN or name> | --file <path>) [options]

  add    --name <user> [--policy <file with a policy document>]   a new access key; may do everything without a policy
  list                                                            every key, without its secret
  revoke --key <access key id>                                    takes a key away; it works for half a minute more
  rotate --key <access key id> [--grace-hours 24]                 a new key; the old one works on for the hours of grace`;

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kinesis:*', Resource: '*' }],
};

/** Where a credentials document lies. */
interface Place {
  read(): Promise<CredentialsDocument>;
  write(document: CredentialsDocument): Promise<void>;
}

function secretPlace(SecretId: string): Place {
  const client = new SecretsManagerClient({});
  return {
    read: async () => {
      const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId }));
      return parseCredentials(SecretString);
    },
    write: async (document) => {
      await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(document) }));
    },
  };
}

function filePlace(file: string): Place {
  return {
    read: async () => {
      try {
        return parseCredentials(await readFile(file, 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          return { credentials: [] };
        }
        throw error;
      }
    },
    write: async (document) => {
      // At once, and for the owner's eyes only: a server may be reading it.
      await rm(`${file}.new`, { force: true });
      await writeFile(`${file}.new`, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
      await rename(`${file}.new`, file);
    },
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    secret: { type: 'string' },
    file: { type: 'string' },
    name: { type: 'string' },
    key: { type: 'string' },
    policy: { type: 'string' },
    'grace-hours': { type: 'string', default: '24' },
  },
});

async function main(): Promise<void> {
  const place = values.secret ? secretPlace(values.secret) : values.file ? filePlace(values.file) : undefined;
  if (place === undefined) {
    throw new Error(USAGE);
  }
  const document = await place.read();
  switch (positionals[0]) {
    case 'add': {
      const policy = values.policy ? await readPolicy(values.policy) : EVERYTHING;
      return keep(addCredential(document, needed('name'), policy), place);
    }
    case 'list':
      for (const { name, accessKeyId, expiresAt = 'never' } of document.credentials) {
        console.log(`${accessKeyId}  ${name}  expires ${expiresAt}`);
      }
      return;
    case 'revoke':
      return place.write(revokeCredential(document, needed('key')));
    case 'rotate': {
      const graceMs = Number(values['grace-hours']) * 3_600_000;
      return keep(rotateCredential(document, needed('key'), Date.now(), graceMs), place);
    }
    default:
      throw new Error(USAGE);
  }
}

async function keep({ document, created }: Changed, place: Place): Promise<void> {
  const text = JSON.stringify(document);
  parseCredentials(text);
  await place.write(document);
  console.log(`export AWS_ACCESS_KEY_ID=${created.accessKeyId}`);
  console.log(`export AWS_SECRET_ACCESS_KEY=${created.secretAccessKey}`);
}

async function readPolicy(file: string): Promise<PolicyDocument> {
  const policy = parseStrictly(await readFile(file, 'utf8'));
  const problem = policyProblem(policy, 'identity');
  if (problem !== undefined) {
    throw new Error(`${file} ${problem}`);
  }
  return policy as PolicyDocument;
}

function needed(option: 'name' | 'key'): string {
  const value = values[option];
  if (value === undefined) {
    throw new Error(`--${option} is missing\n\n${USAGE}`);
  }
  return value;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
