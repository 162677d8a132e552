import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { usage } from '../../client/failure.ts';

/** What a profile of the AWS CLI gets. */
export interface ProfileValues {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly endpoint: string;
  readonly region: string;
}

/** https://docs.aws.amazon.com/cli/latest/topic/config-vars.html */
const configFile = (): string => process.env.AWS_CONFIG_FILE || path.join(homedir(), '.aws', 'config');
const credentialsFile = (): string =>
  process.env.AWS_SHARED_CREDENTIALS_FILE || path.join(homedir(), '.aws', 'credentials');

/** Whether one of the files of the AWS CLI has a profile. @throws Failure for a name that none can have */
export async function profileExists(profile: string): Promise<boolean> {
  if (!/^[\w.+-]+$/.test(profile)) {
    throw usage(`--profile must be a name of letters, digits and -_.+, not '${profile}'`);
  }
  const [config, credentials] = [await textOf(configFile()), await textOf(credentialsFile())];
  return sectionOf(config, configSection(profile)) !== undefined || sectionOf(credentials, profile) !== undefined;
}

/** Writes a key, an endpoint and a region into a profile. Everything else in the files stays as it is. */
export async function writeProfile(profile: string, values: ProfileValues): Promise<void> {
  await change(credentialsFile(), profile, {
    aws_access_key_id: values.accessKeyId,
    aws_secret_access_key: values.secretAccessKey,
  });
  await change(configFile(), configSection(profile), { region: values.region, endpoint_url: values.endpoint });
}

const configSection = (profile: string): string => (profile === 'default' ? profile : `profile ${profile}`);

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return '';
    }
    throw error;
  });
}

async function change(file: string, section: string, values: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const text = withValues(await textOf(file), section, values);
  await writeFile(`${file}.rivulet`, text, { mode: 0o600 });
  await chmod(`${file}.rivulet`, 0o600);
  await rename(`${file}.rivulet`, file);
}

/** The lines of a section: from the one after its head to the one before the next head. */
function sectionOf(text: string, section: string): { readonly from: number; readonly to: number } | undefined {
  const lines = text.split('\n');
  const head = lines.findIndex((line) => /^\s*\[\s*(.*?)\s*\]/.exec(line)?.[1]?.replace(/\s+/g, ' ') === section);
  if (head === -1) {
    return undefined;
  }
  const next = lines.findIndex((line, index) => index > head && /^\s*\[/.test(line));
  return { from: head + 1, to: next === -1 ? lines.length : next };
}

/** Sets the values of a section in the text of an INI file, and leaves everything else as it is. */
export function withValues(text: string, section: string, values: Readonly<Record<string, string>>): string {
  const entries = Object.entries(values).map(([name, value]) => `${name} = ${value}`);
  const found = sectionOf(text, section);
  if (found === undefined) {
    const before = text === '' || text.endsWith('\n\n') ? text : `${text.replace(/\n*$/, '\n')}\n`;
    return `${before}[${section}]\n${entries.join('\n')}\n`;
  }
  const lines = text.split('\n');
  const kept = lines
    .slice(found.from, found.to)
    .filter((line) => !Object.keys(values).includes(/^(\w+)\s*=/.exec(line)?.[1] ?? ''));
  return [...lines.slice(0, found.from), ...entries, ...kept, ...lines.slice(found.to)].join('\n');
}
