import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { operations } from '../lib/operations/index.ts';
import { describeOperations } from '../lib/schema/describe.ts';
import { bundledLicences } from './licences.ts';
import { drawnPictures, PICTURES } from './pictures.ts';

/** `npm run docs`: writes the files that are generated from the code, the lock file and the sources of pictures. */
const ROOT = path.join(import.meta.dirname, '..');
await writeFile(path.join(ROOT, 'docs', 'operations.md'), describeOperations(operations.values()));
await writeFile(path.join(ROOT, 'THIRD-PARTY-LICENSES.txt'), bundledLicences());
for (const [file, picture] of await drawnPictures()) {
  await writeFile(path.join(PICTURES, file), picture);
}
