import { explore, type Scope } from '../test/model/log-model.ts';

/** `npm run model`: explores the shard log's model in the scope of docs/log.md; seven minutes and 12 GB. */
const scope: Scope = { writers: 3, readers: 1, seals: true, crashes: 1, until: 2, claims: 1 };

const start = performance.now();
const { states, violation } = explore(scope);
const seconds = Math.round((performance.now() - start) / 1000);
console.log(`${states} states in ${seconds} s: ${violation?.what ?? 'every promise is kept'}`);
for (const step of violation?.story ?? []) {
  console.log(`  ${step}`);
}
process.exit(violation === undefined ? 0 : 1);
