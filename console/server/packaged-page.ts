import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type PageFile, pageType } from './page-types.ts';

/** A file of the page, as the published package has it: bundled, in a folder beside the code. */
export const pageFile = async (name: string): Promise<PageFile> => ({
  type: pageType(name),
  body: await readFile(path.join(import.meta.dirname, '..', 'console', name)),
});
