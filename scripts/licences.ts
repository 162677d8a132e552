import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..');

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: true;
  readonly optional?: true;
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
 * Returns the licences of every package that can be in the functions' bundles. Each text appears once.
 * @throws Error for a package whose licence is unknown
 */
export function bundledLicences(): string {
  const lock = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
  const packages = Object.entries(lock.packages as Record<string, LockedPackage>);
  const users = new Map<string, string[]>();
  for (const [folder, locked] of packages) {
    if (folder === '' || locked.dev || locked.optional) {
      continue;
    }
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const text = textOf(folder, name, locked).replace(/\r\n/g, '\n').trim();
    users.set(text, [...(users.get(text) ?? []), `${name} ${locked.version}`]);
  }
  const line = '='.repeat(80);
  const parts = [...users].map(([text, names]) => `${line}\n${names.join('\n')}\n${line}\n\n${text}\n`);
  return `The functions of Rivulet contain these packages.\n\n${parts.join('\n')}`;
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
