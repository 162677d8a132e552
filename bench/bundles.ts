import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RivuletStack } from '../infra/stack.ts';
import { bytesOf, loadedAtStart } from '../test/support/bundle-files.ts';

/**
 * `npm run bench:bundles`: measures the size of the functions' bundles, and how long a fresh process takes to load
 * each. This is the part of a cold start that depends on Rivulet.
 */
const LOADS = 11;

const ENVIRONMENT = {
  ACCOUNT_ID: '000000000000',
  AWS_REGION: 'us-east-1',
  STREAMS_TABLE: 'streams',
  RECORDS_TABLE: 'records',
  CREDENTIALS_SECRET: 'secret',
  OBSERVE: 'faults',
};

/** Median time to load a module in a fresh process, ms. */
function loadMs(file: string): number {
  const program =
    `const start = performance.now(); await import(${JSON.stringify(pathToFileURL(file).href)}); ` +
    'console.log(performance.now() - start); process.exit(0);';
  const times = Array.from({ length: LOADS }, () =>
    Number(execFileSync(process.execPath, ['--input-type=module', '-e', program], { env: ENVIRONMENT }).toString()),
  );
  return times.sort((a, b) => a - b)[Math.floor(LOADS / 2)] ?? Number.NaN;
}

const outdir = await mkdtemp(path.join(tmpdir(), 'rivulet-bundles-'));
const app = new App({ outdir, context: { 'aws:cdk:enable-asset-metadata': true } });
const functions = Template.fromStack(new RivuletStack(app, 'Rivulet')).findResources('AWS::Lambda::Function');
console.log('| function | KB | KB, gzip | load, ms |\n|---|---|---|---|');
for (const [id, resource] of Object.entries(functions)) {
  const files = loadedAtStart(path.join(outdir, resource.Metadata['aws:asset:path']));
  const [file = ''] = files;
  const zipped = (await Promise.all(files.map(async (name) => gzipSync(await readFile(name)).length))).reduce(
    (a, b) => a + b,
    0,
  );
  const sizes = [bytesOf(files), zipped].map((bytes) => Math.round(bytes / 1000));
  console.log(
    `| ${id.includes('Step') ? 'workflow step' : 'dispatcher'} | ${sizes.join(' | ')} | ${Math.round(loadMs(file))} |`,
  );
}
await rm(outdir, { recursive: true, force: true });
