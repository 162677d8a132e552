import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..', '..');

const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

const names = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);

/** The table of docs/design.md: what each part of the code may import, by the part's path. */
const allowed = new Map(
  [...read('docs/design.md').matchAll(/^\| (`.*?) \|.*\| (.*?) \|$/gm)].flatMap(([, parts, mayImport]) =>
    names(parts as string).map((part) => [part, names(mayImport as string)] as const),
  ),
);

/** Every file of code below the root, without the folders of tools. */
const files = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|cdk\.out$|dist$)/.test(entry.name))
  .flatMap(({ name }) =>
    readdirSync(path.join(root, name), { recursive: true, encoding: 'utf8' }).map((file) =>
      path.posix.join(name, file.replaceAll(path.sep, '/')),
    ),
  )
  .filter((file) => /\.(tsx?|js)$/.test(file) && !file.includes('/node_modules/'));

/** Our own files that a file imports: values, types, JSON, and what it loads while it runs. */
const importsOf = new Map(
  files.map((file) => [
    file,
    [...read(file).matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier]) =>
      path.posix.join(path.posix.dirname(file), specifier as string),
    ),
  ]),
);

const isIn = (file: string, part: string) => file === part || file.startsWith(`${part}/`);

/** The innermost part of the table that a file belongs to. */
const partOf = (file: string): string | undefined =>
  [...allowed.keys()].filter((part) => isIn(file, part)).sort((a, b) => b.length - a.length)[0];

/** The table may name a whole folder, such as `lib`. Then every part within it may be imported. */
const mayImport = (part: string, imported: string) => allowed.get(part)?.some((name) => isIn(imported, name)) === true;

const imports = [...importsOf].flatMap(([file, targets]) => targets.map((target) => ({ file, target })));

const partsImportedBy = (part: string) => {
  const targets = imports.filter(({ file }) => partOf(file) === part).map(({ target }) => partOf(target));
  return new Set(targets.filter((target) => target !== part));
};

describe('the table of imports in docs/design.md', () => {
  it('has every file of code', () => {
    expect(files.filter((file) => partOf(file) === undefined)).toEqual([]);
  });

  it('is kept by every import', () => {
    const broken = imports.filter(({ file, target }) => {
      const [from, to] = [partOf(file), partOf(target)];
      return from === undefined || to === undefined || (from !== to && !mayImport(from, to));
    });

    expect(broken).toEqual([]);
  });

  it.each([...allowed])('allows %s nothing that it does not use', (part, named) => {
    const used = [...partsImportedBy(part)];

    expect(named.filter((name) => !used.some((imported) => imported !== undefined && isIn(imported, name)))).toEqual(
      [],
    );
  });

  it('is listed from the bottom up: a part imports only what stands above it', () => {
    const order = [...allowed.keys()];
    const upward = order.flatMap((part, index) =>
      order.slice(index + 1).flatMap((later) => (mayImport(part, later) ? [`${part} -> ${later}`] : [])),
    );

    expect(upward).toEqual([]);
  });

  it('has no folder for what belongs nowhere', () => {
    const folders = new Set(files.flatMap((file) => path.posix.dirname(file).split('/')));

    expect([...folders].filter((folder) => /^(shared|common|utils?|helpers?|misc)$/.test(folder))).toEqual([]);
  });
});

describe('files', () => {
  it('never import each other in a circle', () => {
    const finished = new Set<string>();
    const circleFrom = (file: string, trail: readonly string[]): readonly string[] | undefined => {
      if (trail.includes(file)) {
        return [...trail.slice(trail.indexOf(file)), file];
      }
      if (finished.has(file)) {
        return undefined;
      }
      for (const target of importsOf.get(file) ?? []) {
        const circle = circleFrom(target, [...trail, file]);
        if (circle !== undefined) {
          return circle;
        }
      }
      finished.add(file);
      return undefined;
    };

    expect(files.map((file) => circleFrom(file, [])).filter((circle) => circle !== undefined)).toEqual([]);
  });
});
