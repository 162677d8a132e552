import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { instance } from '@viz-js/viz';
import { costPicture } from '../cost/readme.ts';
import { drawTerminal } from './terminal-picture.ts';

/** The folder of the pictures in the docs, and of their sources. */
export const PICTURES = path.join(import.meta.dirname, '..', 'docs', 'pictures');

/**
 * Draws every picture from its source: a graph in Graphviz' language (.dot), what a terminal showed (.txt), or the estimator.
 * @returns the SVG texts by file name
 */
export async function drawnPictures(): Promise<ReadonlyMap<string, string>> {
  const graphviz = await instance();
  const draw = (file: string, source: string) =>
    file.endsWith('.dot') ? graphviz.renderString(source, { format: 'svg' }) : drawTerminal(source);
  const sources = readdirSync(PICTURES).filter((file) => /\.(dot|txt)$/.test(file));
  return new Map([
    ...sources.map(
      (file) => [file.replace(/\.\w+$/, '.svg'), draw(file, readFileSync(path.join(PICTURES, file), 'utf8'))] as const,
    ),
    ['cost.svg', costPicture()] as const,
  ]);
}
