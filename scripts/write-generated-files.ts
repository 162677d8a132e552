import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withCost } from '../cost/readme.ts';
import { operations } from '../lib/operations/index.ts';
import { describeOperations } from '../lib/schema/describe.ts';
import { buildBundles } from './build.ts';
import { withSettings } from './configuration-page.ts';
import { bundledLicences } from './licences.ts';
import { drawnPictures, PICTURES } from './pictures.ts';

/** `npm run docs`: writes the files that are generated from the code, the lock file and the sources of pictures. */
const ROOT = path.join(import.meta.dirname, '..');
await writeFile(path.join(ROOT, 'docs', 'operations.md'), describeOperations(operations.values()));
const bundles = await mkdtemp(path.join(tmpdir(), 'rivulet-bundles-'));
await writeFile(path.join(ROOT, 'THIRD-PARTY-LICENSES.txt'), bundledLicences(await buildBundles(bundles)));
await rm(bundles, { recursive: true, force: true });
const configuration = path.join(ROOT, 'docs', 'configuration.md');
await writeFile(configuration, withSettings(await readFile(configuration, 'utf8')));
const readme = path.join(ROOT, 'README.md');
await writeFile(readme, withCost(await readFile(readme, 'utf8')));
for (const [file, picture] of await drawnPictures()) {
  await writeFile(path.join(PICTURES, file), picture);
}
