import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { environmentOf, settings } from '../../local/settings.ts';
import { startProblem } from '../../local/start-problem.ts';
import { parseStreamsAtStart } from '../../local/streams-at-start.ts';
import { withSettings } from '../../scripts/configuration-page.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** Every variable that the code of a folder reads by name. */
const variablesIn = (files: readonly string[]) =>
  new Set(files.flatMap((file) => read(file).match(/\b[A-Z][A-Z_]{2,}\b/g) ?? []));

describe('the table of settings', () => {
  it('is what docs/configuration.md shows', () => {
    expect(withSettings(read('docs/configuration.md')), 'npm run docs').toBe(read('docs/configuration.md'));
  });

  it('has each variable and each option once, and only variables that the code reads', () => {
    const names = settings.flatMap(({ variable, option }) => [variable, `--${option}`]);
    expect(new Set(names).size).toBe(names.length);
    const known = variablesIn([
      'lib/configuration.ts',
      'local/server.ts',
      'local/serve.ts',
      'local/certificate.ts',
      'local/store.ts',
    ]);
    expect(settings.map(({ variable }) => variable).filter((variable) => !known.has(variable))).toEqual([]);
  });

  it('turns options into the environment', () => {
    expect(environmentOf({ data: 'folder', port: undefined, 'host-names': 'a,b' })).toEqual({
      DATA_DIR: 'folder',
      HOST_NAMES: 'a,b',
    });
  });
});

describe('streams at start', () => {
  it('have one shard, a number of them, or are on-demand', () => {
    expect(parseStreamsAtStart(' orders:4, clicks:on-demand,events,')).toEqual([
      { name: 'orders', shards: 4 },
      { name: 'clicks', shards: 'on-demand' },
      { name: 'events', shards: 1 },
    ]);
    expect(parseStreamsAtStart('')).toEqual([]);
  });

  it.each(['a:0', 'a:-1', 'a:x', 'a:1:2', ':1', 'a b', 'ä', `${'a'.repeat(129)}:1`])('are not: %s', (text) => {
    expect(() => parseStreamsAtStart(text)).toThrow('STREAMS must list streams');
  });

  it('have different names', () => {
    expect(() => parseStreamsAtStart('a,b,a:2')).toThrow('STREAMS names a twice');
  });
});

describe('a problem at start', () => {
  const listening = (code: string) => Object.assign(new Error(code), { code, syscall: 'listen' });

  it.each([
    [listening('EADDRINUSE'), { PORT: '4568' }, 'port 4568 is in use. Choose another one by PORT or --port'],
    [listening('EADDRINUSE'), {}, 'port 4567 is in use'],
    [listening('EACCES'), { PORT: '80' }, 'this user may not open port 80'],
    [listening('EADDRNOTAVAIL'), { HOST: '192.0.2.1' }, 'HOST 192.0.2.1 is no address of this machine'],
    [new Error('LIMITS must be'), {}, 'LIMITS must be'],
  ])('names the setting and the way out: %s', (error, environment, sentence) => {
    expect(startProblem(error, environment)).toContain(sentence);
  });
});
