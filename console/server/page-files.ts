import path from 'node:path';
import { memoized } from '../../lib/runtime/memoized.ts';
import { type PageFile, pageType } from './page-types.ts';

/** The files of the page, bundled from their sources with the first request. The published package has packaged-page.ts in this place. */
const files = memoized(async () => {
  const { bundlePage } = await import('../page-bundle.ts');
  const { outputFiles = [] } = await bundlePage();
  return new Map(outputFiles.map(({ path: file, contents }) => [path.basename(file), contents]));
});

/** @throws Error for a name that is none of the page's */
export async function pageFile(name: string): Promise<PageFile> {
  const body = (await files()).get(name);
  if (body === undefined) {
    throw new Error(`the page has no file ${name}`);
  }
  return { type: pageType(name), body };
}
