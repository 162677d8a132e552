import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');

/** Names of rules, such as [R1]. */
const RULE = /\[([A-Z]\d+)\]/g;

const namesIn = (text: string): Set<string> => new Set([...text.matchAll(RULE)].map(([, name]) => name as string));

/** The titles of all tests that begin with the name of a rule. */
const titles = globSync('test/{unit,contract,log}/**/*.test.ts', { cwd: root })
  .flatMap((file) => readFileSync(path.join(root, file), 'utf8').match(/\(\s*['`"]\[[A-Z]\d+\] [^\n]+/g) ?? [])
  .join('\n');

describe('the page of the shard log', () => {
  const page = readFileSync(path.join(root, 'docs', 'log.md'), 'utf8');

  it('has a test for each of its rules, and no test names a rule that it has not', () => {
    expect([...namesIn(titles)].sort()).toEqual([...namesIn(page)].sort());
  });

  it('names every sentence with a MUST', () => {
    const rules = page.slice(page.indexOf('## What is assumed')).split(/(?=\[[A-Z]\d+\][ ])|\n\n|\n- |\n\d\. |\n\|/);

    expect(rules.filter((rule) => /\bMUST\b/.test(rule) && !/^\[[A-Z]\d+\]/.test(rule))).toEqual([]);
  });
});
