import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { operations } from '../lib/operations/index.ts';
import { describeOperations } from '../lib/schema/describe.ts';

/** `npm run docs`: writes the generated pages. */
const page = path.join(import.meta.dirname, '..', 'docs', 'operations.md');
await writeFile(page, describeOperations(operations.values()));
