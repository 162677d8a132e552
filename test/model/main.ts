import { exploreLog } from './log-model.ts';
import type { Scope } from './scope.ts';

/** Scopes that are larger than those of the tests, each in another direction. */
const SCOPES: Readonly<Record<string, Scope>> = {
  'three writers, a reader and a sealer': { writers: 3, readers: 1, sealers: 1, until: 2, claims: 1 },
  'two writers, two readers and a sealer': { writers: 2, readers: 2, sealers: 1, until: 2, claims: 1 },
  'two writers, a reader and two sealers': { writers: 2, readers: 1, sealers: 2, until: 2, claims: 1 },
  'three writers and two sealers': { writers: 3, readers: 0, sealers: 2, until: 1, claims: 1 },
  'two writers with chunks, a reader and a sealer': {
    writers: 2,
    readers: 1,
    sealers: 1,
    until: 2,
    claims: 2,
    chunks: true,
  },
};

/**
 * `npm run model`: explores the shard log's model in the larger scopes of docs/log.md, this function one of them.
 * @returns whether every promise is kept
 */
function exploreScope(what: string, scope: Scope): boolean {
  const start = performance.now();
  const { states, violation } = exploreLog(scope);
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${what}: ${states} states in ${seconds} s: ${violation?.what ?? 'every promise is kept'}`);
  for (const step of violation?.story ?? []) {
    console.log(`  ${step}`);
  }
  return violation === undefined;
}

const kept = Object.entries(SCOPES).map(([what, scope]) => exploreScope(what, scope));
process.exit(kept.every(Boolean) ? 0 : 1);
