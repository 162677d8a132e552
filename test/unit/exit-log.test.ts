import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryWatch } from '../../local/exit-log.ts';

const MODULE = path.join(import.meta.dirname, '..', '..', 'local', 'exit-log.ts');
const MIB = 1024 * 1024;

/** What a process prints that logs how it ends, and then runs some code. */
function lastWordsOf(code: string): string {
  const script = `import { logExits } from ${JSON.stringify(MODULE)}; logExits(); ${code}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stderr;
}

describe('a process that ends', () => {
  it.each([
    [
      'an exception that nobody caught',
      "setImmediate(() => { throw new Error('the cause'); });",
      'an exception was thrown',
    ],
    ['a rejection that nobody caught', "Promise.reject(new Error('the cause'));", 'a promise was rejected'],
  ])('says so, and why: %s', (_what, code, sentence) => {
    const words = lastWordsOf(code);

    expect(words).toContain(`Rivulet ends: ${sentence}, and nobody caught it.`);
    expect(words).toContain('the cause');
    expect(words).toContain('Rivulet has ended, with exit code 1.');
  });

  it('says so when something else exits it', () => {
    expect(lastWordsOf('process.exit(3);')).toContain('Rivulet has ended, with exit code 3.');
  });
});

describe('memory', () => {
  it('is told of from a gigabyte on, and again at each half more', () => {
    const watch = new MemoryWatch();

    const told = [1023, 1024, 1025, 1535, 1536, 1700, 2304].filter((mib) => watch.look(mib * MIB) !== undefined);

    expect(told).toEqual([1024, 1536, 2304]);
  });
});
