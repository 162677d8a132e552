import { readFile } from 'node:fs/promises';
import { DEFAULT_ENDPOINT } from '../../client/endpoint-choice.ts';
import { usage } from '../../client/failure.ts';
import {
  addCredential,
  type Changed,
  revokeCredential,
  rotateCredential,
  setPolicy,
} from '../../lib/authentication/credential-changes.ts';
import type { StoredCredential } from '../../lib/authentication/credentials.ts';
import { type PolicyDocument, policyProblem } from '../../lib/model/policy-document.ts';
import { parseStrictly } from '../../lib/model/strict-json.ts';
import { type CredentialsPlace, filePlace, secretPlace } from '../keys/credentials-place.ts';
import { profileExists, writeProfile } from '../keys/profile.ts';
import { printJson } from '../output.ts';

interface PlaceOptions {
  readonly secret?: string | undefined;
  readonly file?: string | undefined;
}

interface ProfileOptions extends PlaceOptions {
  readonly profile: string;
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly overwrite?: true | undefined;
  readonly print?: true | undefined;
}

interface PolicyOptions {
  readonly policy?: string | undefined;
  readonly fullAccess?: true | undefined;
}

const EVERYTHING: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kinesis:*', Resource: '*' }],
};

interface AddOptions extends ProfileOptions, PolicyOptions {
  readonly name?: string | undefined;
  readonly root?: true | undefined;
}

/** Makes a key. */
export async function add(options: AddOptions): Promise<void> {
  const place = placeOf(options);
  const { name, root } = options;
  if (root !== true && name === undefined) {
    throw usage('--name is missing: the user whose key it is');
  }
  const policy = root ? EVERYTHING : await chosenPolicy(options);
  const deliver = await delivery(options);
  const user = root ? { name: 'root', root, policy } : { name: name ?? '', policy };
  await deliver(await place.change((document) => addCredential(document, user)));
}

/** Prints every key. */
export async function list({ json, ...options }: PlaceOptions & { readonly json?: true | undefined }): Promise<void> {
  for (const credential of (await placeOf(options).read()).credentials) {
    const { accessKeyId, name, root = false, expiresAt, policy } = credential;
    if (json) {
      printJson({ accessKeyId, name, root, expiresAt, policy });
    } else {
      console.log(described(credential));
    }
  }
}

/** Changes what a key may do. */
export async function changePolicy(options: PlaceOptions & PolicyOptions & { readonly key: string }): Promise<void> {
  const place = placeOf(options);
  const policy = await chosenPolicy(options);
  await place.change((document) => ({ document: setPolicy(document, options.key, policy) }));
}

/** Takes a key away. */
export async function revoke(options: PlaceOptions & { readonly key: string }): Promise<void> {
  await placeOf(options).change((document) => ({ document: revokeCredential(document, options.key) }));
}

/** Makes a new key for the user of another one. */
export async function rotate(
  options: ProfileOptions & { readonly key: string; readonly graceHours: string },
): Promise<void> {
  const place = placeOf(options);
  const graceMs = Number(options.graceHours) * 3_600_000;
  const deliver = await delivery(options);
  await deliver(await place.change((document) => rotateCredential(document, options.key, Date.now(), graceMs)));
}

function placeOf({ secret, file }: PlaceOptions): CredentialsPlace {
  if ((secret === undefined) === (file === undefined)) {
    throw usage('say where the keys are: either --secret <name or ARN>, or --file <path>');
  }
  return secret === undefined ? filePlace(file ?? '') : secretPlace(secret);
}

/** The owner must choose explicitly what a key may do. A missing option never means full access. */
async function chosenPolicy({ policy: file, fullAccess }: PolicyOptions): Promise<PolicyDocument> {
  if ((file === undefined) === (fullAccess !== true)) {
    throw usage('say what the key may do: either --policy <file> or --full-access');
  }
  if (file === undefined) {
    return EVERYTHING;
  }
  const policy = parseStrictly(await readFile(file, 'utf8'));
  const problem = policyProblem(policy, 'identity');
  if (problem !== undefined) {
    throw usage(`${file} ${problem}`);
  }
  return policy as PolicyDocument;
}

/** Decides what happens with the key before there is one: a key that nobody has seen would be lost. */
async function delivery(options: ProfileOptions): Promise<(changed: Changed) => Promise<void>> {
  const { profile, region, overwrite = false, print = false, file } = options;
  if (print) {
    return async ({ created }) => {
      console.log(`export AWS_ACCESS_KEY_ID=${created.accessKeyId}`);
      console.log(`export AWS_SECRET_ACCESS_KEY=${created.secretAccessKey}`);
    };
  }
  const endpoint = options.endpoint ?? (file === undefined ? undefined : DEFAULT_ENDPOINT);
  if (endpoint === undefined || !URL.canParse(endpoint)) {
    throw usage('--endpoint is missing: the URL of the deployment, for the profile. Or --print writes no profile');
  }
  if (!overwrite && (await profileExists(profile))) {
    throw usage(
      `the profile ${profile} exists: --profile names another, --overwrite replaces its key, --print writes none`,
    );
  }
  return async ({ created }) => {
    await writeProfile(profile, { ...created, endpoint, region });
    console.log(`The key ${created.accessKeyId} is in the profile ${profile} of the AWS CLI, for ${endpoint}. Try:`);
    console.log(`  rivulet streams --profile ${profile}`);
    console.log(`  aws --profile ${profile} kinesis list-streams`);
  };
}

function described({ accessKeyId, name, root, expiresAt = 'never', policy }: StoredCredential): string {
  return `${accessKeyId}  ${root ? 'root user' : name}  expires ${expiresAt}  ${JSON.stringify(policy)}`;
}
