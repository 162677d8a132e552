import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Metafile } from 'esbuild';

const ROOT = path.join(import.meta.dirname, '..');

const NODE_MODULES = 'node_modules/';

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
}

const permission = (name: string, condition: string) => `Copyright (c) the authors of ${name}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files
(the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge,
publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do
so${condition}

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE
FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION
WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Licence texts by SPDX identifier, for packages that name their licence but do not contain its text. */
const STANDARD_TEXTS: Readonly<Record<string, (name: string) => string>> = {
  'Apache-2.0': () => readFileSync(path.join(ROOT, 'LICENSE'), 'utf8'),
  MIT: (name) =>
    permission(
      name,
      ', subject to the following conditions:\n\nThe above copyright notice and this permission notice shall be included in all ' +
        'copies or substantial portions of the\nSoftware.',
    ),
  'MIT-0': (name) => permission(name, '.'),
};

/**
 * Returns the licences of every package that is in the bundles, of the functions and of the published package. Each text appears once.
 * @throws Error for a package whose licence is unknown
 */
export function bundledLicences(bundles: readonly Metafile[]): string {
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const packages = lock.packages as Record<string, LockedPackage>;
  const users = new Map<string, string[]>();
  for (const folder of bundledFolders(bundles)) {
    const locked = packages[folder];
    if (locked === undefined) {
      throw new Error(`${folder} is in a bundle, and not in the lock file`);
    }
    const name = folder.slice(folder.lastIndexOf(NODE_MODULES) + NODE_MODULES.length);
    const text = textOf(folder, name, locked).replace(/\r\n/g, '\n').trim();
    users.set(text, [...(users.get(text) ?? []), `${name} ${locked.version}`]);
  }
  const line = '='.repeat(80);
  const parts = [...users].map(([text, names]) => `${line}\n${names.join('\n')}\n${line}\n\n${text}\n`);
  return `The functions and the npm package of Rivulet contain these packages.\n\n${parts.join('\n')}`;
}

/** The folders of the packages whose files are in bundles, such as `node_modules/a/node_modules/b`. */
function bundledFolders(bundles: readonly Metafile[]): string[] {
  const files = bundles.flatMap(({ outputs }) => Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const folders = files.map((file) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
}

function textOf(folder: string, name: string, { license = '' }: LockedPackage): string {
  const files = readdirSync(path.join(ROOT, folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file));
  if (files.length > 0) {
    return files.map((file) => readFileSync(path.join(ROOT, folder, file), 'utf8').trim()).join('\n\n');
  }
  const standard = STANDARD_TEXTS[license];
  if (standard === undefined) {
    throw new Error(`${name} has neither a licence file nor a licence that is known: '${license}'`);
  }
  return standard(name);
}
