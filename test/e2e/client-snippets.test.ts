import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Rivulet, startRivulet } from '../../library/index.ts';

/** The server of these tests is in this process, which has to go on meanwhile. */
const run = promisify(execFile);

const ROOT = path.join(import.meta.dirname, '..', '..');
const page = readFileSync(path.join(ROOT, 'docs', 'clients.md'), 'utf8');

let rivulet: Rivulet;
let folder: string;

beforeAll(async () => {
  rivulet = await startRivulet({ streams: { orders: 2 } });
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-snippets-'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
});

afterAll(async () => {
  await rivulet.close();
  await rm(folder, { recursive: true });
});

/** The snippet below a heading, with the endpoint of this test. */
function snippet(heading: string): string {
  const code = page.split(`\n## ${heading}\n`)[1]?.split('```')[1];
  if (code === undefined) {
    throw new Error(`docs/clients.md has no snippet below ${heading}`);
  }
  return code.replace(/^\w+\n/, '').replaceAll('http://localhost:4567', rivulet.endpoint);
}

function installed(program: string, ...parameters: string[]): boolean {
  const found = spawnSync(program, parameters, { stdio: 'ignore' }).status === 0;
  if (!found) {
    console.log(`${program} ${parameters.join(' ')} does not work here: its snippet is skipped.`);
  }
  return found;
}

/** The version of the AWS CLI decides how it takes data. */
const awsVersion = spawnSync('aws', ['--version'], { encoding: 'utf8' });
const isVersion1 = /aws-cli\/1\./.test(`${awsVersion.stdout}${awsVersion.stderr}`);

describe('the snippets of docs/clients.md', () => {
  it('work in JavaScript', async () => {
    await rivulet.reset();
    await writeFile(path.join(folder, 'snippet.mjs'), snippet('JavaScript'));

    const { stdout } = await run(process.execPath, ['snippet.mjs'], { cwd: folder });
    expect(stdout.trim()).toBe("[ 'hello' ]");
  });

  it.skipIf(!installed('python3', '-c', 'import boto3'))('work in Python', async () => {
    await rivulet.reset();
    await writeFile(path.join(folder, 'snippet.py'), snippet('Python'));

    const { stdout } = await run('python3', ['snippet.py'], { cwd: folder });
    expect(stdout.trim()).toBe("[b'hello']");
  });

  it.skipIf(!installed('aws', '--version') || process.platform === 'win32')('work with the AWS CLI', async () => {
    await rivulet.reset();
    const commands = snippet('AWS CLI').replace(isVersion1 ? '--cli-binary-format raw-in-base64-out ' : '', '');

    const { stdout } = await run('sh', ['-ec', commands], { cwd: folder });
    expect(stdout).toContain('"SequenceNumber"');
    expect(stdout).toContain(Buffer.from('hello').toString('base64'));
  });
});
