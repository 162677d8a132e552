import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The files of a function's bundle that a cold start loads: its entry, and what is imported at once. */
export function loadedAtStart(folder: string, entry = 'index.mjs'): string[] {
  const loaded = new Set<string>();
  const load = (file: string) => {
    if (!loaded.has(file)) {
      loaded.add(file);
      const text = readFileSync(path.join(folder, file), 'utf8');
      for (const [, imported] of text.matchAll(/(?:from|import)"\.\/([\w.-]+\.mjs)"/g)) {
        load(imported as string);
      }
    }
  };
  load(entry);
  return [...loaded].map((file) => path.join(folder, file));
}

export const bytesOf = (files: readonly string[]): number => files.reduce((sum, file) => sum + statSync(file).size, 0);
