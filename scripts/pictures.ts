import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { instance } from '@viz-js/viz';

/** The folder of the pictures in the docs, and of their sources. */
export const PICTURES = path.join(import.meta.dirname, '..', 'docs', 'pictures');

/**
 * Draws every picture from its source, which is in Graphviz' language.
 * @returns the SVG texts by file name
 */
export async function drawnPictures(): Promise<ReadonlyMap<string, string>> {
  const graphviz = await instance();
  const sources = readdirSync(PICTURES).filter((file) => file.endsWith('.dot'));
  return new Map(
    sources.map((file) => [
      file.replace(/\.dot$/, '.svg'),
      graphviz.renderString(readFileSync(path.join(PICTURES, file), 'utf8'), { format: 'svg' }),
    ]),
  );
}
