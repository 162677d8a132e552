import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { settings } from '../../local/settings.ts';
import { runCommand } from '../support/command-line.ts';

const MAIN = path.join(import.meta.dirname, '..', '..', 'cli', 'main.js');

describe('the help', () => {
  it('lists every command, and the server has an option for every setting, with its variable', async () => {
    const { output } = await runCommand(['--help']);
    for (const command of 'start health streams tail export put import copy load keys cost verify completion'.split(
      ' ',
    )) {
      expect(output).toMatch(new RegExp(`^  ${command}\\b`, 'm'));
    }
    const start = (await runCommand(['start', '--help'])).output;
    for (const { option, variable } of settings) {
      expect(start).toContain(`--${option} <`);
      expect(start.replace(/\s+/g, ' ')).toContain(`(${variable}; default: `);
    }
  });

  it('completes commands and what is obvious of their options', async () => {
    const complete = async (...words: string[]) =>
      (await runCommand(['complete', '--', ...words])).output.split('\n').map((line) => line.split('\t')[0]);

    expect(await complete('st')).toEqual(expect.arrayContaining(['start', 'streams']));
    expect(await complete('streams', 'de')).toEqual(expect.arrayContaining(['describe', 'delete']));
    expect(await complete('start', '--log', '')).toEqual(expect.arrayContaining(['requests', 'faults', 'off']));
    expect((await runCommand(['completion', 'bash'])).output).toContain('rivulet');
  });
});

describe('a Node that is too old', () => {
  const startedOn = (version: string) =>
    spawnSync(
      process.execPath,
      [
        '--eval',
        `Object.defineProperty(process.versions, 'node', { value: '${version}' }); process.argv = ['node', 'rivulet', '--version'];` +
          `import(${JSON.stringify(pathToFileURL(MAIN).href)})`,
      ],
      { encoding: 'utf8' },
    );

  it.each(['16.20.2', '20.19.0', '22.14.0', '23.11.0'])('is told so in one line: %s', (version) => {
    const { status, stdout, stderr } = startedOn(version);

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^Rivulet needs Node\\.js 22\\.15 or 24 and later, and this is ${version}:[^\\n]*\\n$`),
    );
  });

  it.each(['22.15.0', '24.0.0', '26.1.0'])('is not %s', (version) => {
    expect(startedOn(version)).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });
});
