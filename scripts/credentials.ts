import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  addCredential,
  type Changed,
  revokeCredential,
  rotateCredential,
  setPolicy,
} from '../lib/authentication/credential-changes.ts';
import type { StoredCredential } from '../lib/authentication/credentials.ts';
import { type PolicyDocument, policyProblem } from '../lib/model/policy-document.ts';
import { parseStrictly } from '../lib/model/strict-json.ts';
import { type CredentialsPlace, filePlace, secretPlace } from './credentials-place.ts';

const USAGE = `npm run credentials -- <command> (--secret <ARN or name> | --file <path>) [options]

  add    --name <user> (--policy <file> | --full-access)         a new access key, which may do what the policy document in
                                                                 the file says, or everything
  add    --root                                                  a key of the account's root user: it may do everything, and
                                                                 change resource policies that deny it that
  list                                                           every key and what it may do, without its secret
  policy --key <access key id> (--policy <file> | --full-access) what a key may do from now on
  revoke --key <access key id>                                   takes a key away; it works for half a minute more
  rotate --key <access key id> [--grace-hours 24]                a new key; the old one works on for the hours of grace`;

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kinesis:*', Resource: '*' }],
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    secret: { type: 'string' },
    file: { type: 'string' },
    name: { type: 'string' },
    key: { type: 'string' },
    policy: { type: 'string' },
    'full-access': { type: 'boolean', default: false },
    root: { type: 'boolean', default: false },
    'grace-hours': { type: 'string', default: '24' },
  },
});

async function main(): Promise<void> {
  const place = values.secret ? secretPlace(values.secret) : values.file ? filePlace(values.file) : undefined;
  if (place === undefined) {
    throw new Error(USAGE);
  }
  switch (positionals[0]) {
    case 'add':
      return print(await add(place));
    case 'list':
      for (const credential of (await place.read()).credentials) {
        console.log(described(credential));
      }
      return;
    case 'policy': {
      const [key, policy] = [needed('key'), await chosenPolicy()];
      await place.change((document) => ({ document: setPolicy(document, key, policy) }));
      return;
    }
    case 'revoke': {
      const key = needed('key');
      await place.change((document) => ({ document: revokeCredential(document, key) }));
      return;
    }
    case 'rotate': {
      const [key, graceMs] = [needed('key'), Number(values['grace-hours']) * 3_600_000];
      return print(await place.change((document) => rotateCredential(document, key, Date.now(), graceMs)));
    }
    default:
      throw new Error(USAGE);
  }
}

async function add(place: CredentialsPlace): Promise<Changed> {
  if (values.root) {
    return place.change((document) => addCredential(document, { name: 'root', root: true, policy: EVERYTHING }));
  }
  const [name, policy] = [needed('name'), await chosenPolicy()];
  return place.change((document) => addCredential(document, { name, policy }));
}

/** The owner must choose explicitly what a key may do. A missing option never means full access. */
async function chosenPolicy(): Promise<PolicyDocument> {
  const { policy: file } = values;
  if ((file === undefined) === !values['full-access']) {
    throw new Error(`say what the key may do: either --policy <file> or --full-access\n\n${USAGE}`);
  }
  if (file === undefined) {
    return EVERYTHING;
  }
  const policy = parseStrictly(await readFile(file, 'utf8'));
  const problem = policyProblem(policy, 'identity');
  if (problem !== undefined) {
    throw new Error(`${file} ${problem}`);
  }
  return policy as PolicyDocument;
}

function described({ accessKeyId, name, root, expiresAt = 'never', policy }: StoredCredential): string {
  return `${accessKeyId}  ${root ? 'root user' : name}  expires ${expiresAt}  ${JSON.stringify(policy)}`;
}

function print({ created }: Changed): void {
  console.log(`export AWS_ACCESS_KEY_ID=${created.accessKeyId}`);
  console.log(`export AWS_SECRET_ACCESS_KEY=${created.secretAccessKey}`);
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
