import { ValidationException } from './errors.ts';
import type { PathSyntax } from './syntax.ts';
import type { Item } from './values.ts';

/** The values of `#names`. */
export type Names = Readonly<Record<string, string>>;

/** A place in an item, by names of attributes and numbers of list members. */
export type Path = readonly (string | number)[];

/** @throws ValidationException for a name that the request does not bring along */
export function resolvePath({ steps }: PathSyntax, names: Names): Path {
  const [first] = steps;
  // Nearly every path is a single plain name.
  return steps.length === 1 && typeof first === 'string' && !first.startsWith('#')
    ? steps
    : steps.map((step) => (typeof step === 'string' && step.startsWith('#') ? givenName(names, step) : step));
}

function givenName(names: Names, name: string): string {
  const given = Object.hasOwn(names, name) ? names[name] : undefined;
  if (given === undefined) {
    throw new ValidationException(
      `An expression attribute name used in the document path is not defined; attribute name: ${name}`,
    );
  }
  return given;
}

/** @returns undefined if there is nothing */
export function readPath(item: Item, path: Path): unknown {
  let value: unknown = item;
  for (const step of path) {
    const isInside = typeof step === 'number' ? Array.isArray(value) : isMap(value);
    if (!isInside || !Object.hasOwn(value as object, step)) {
      return undefined;
    }
    value = (value as Item)[step];
  }
  return value;
}

/** The part of an item at some paths, within its maps and lists. Members of lists move up. */
export function pickPaths(item: Item, paths: readonly Path[]): Item {
  const part: Item = {};
  for (const path of paths) {
    const value = readPath(item, path);
    if (value !== undefined) {
      makeHolders(part, path);
      writePath(part, path, value);
    }
  }
  return part;
}

function makeHolders(part: Item, path: Path): void {
  for (let depth = 1; depth < path.length; depth++) {
    const holder = path.slice(0, depth);
    if (readPath(part, holder) === undefined) {
      writePath(part, holder, typeof path[depth] === 'number' ? [] : {});
    }
  }
}

/**
 * Sets or removes the value at a path. Lists and maps on the way are copied, so values that were read before do not change.
 * @param value undefined removes it
 * @throws ValidationException if there is no map or list at the path that could contain it
 */
export function writePath(item: Item, path: Path, value: unknown): void {
  const [step, ...rest] = path;
  if (rest.length === 0) {
    writeStep(item, step as string, value);
    return;
  }
  let inside: Item | unknown[] = item;
  for (const [depth, name] of path.slice(0, -1).entries()) {
    const next: unknown = (inside as Item)[name];
    const fits = typeof path[depth + 1] === 'number' ? Array.isArray(next) : isMap(next);
    if (!fits) {
      throw new ValidationException('The document path provided in the update expression is invalid for update');
    }
    const copy: Item | unknown[] = Array.isArray(next) ? [...next] : { ...(next as Item) };
    (inside as Item)[name] = copy;
    inside = copy;
  }
  writeStep(inside, path.at(-1) as string | number, value);
}

function writeStep(inside: Item | unknown[], step: string | number, value: unknown): void {
  if (!Array.isArray(inside)) {
    if (value === undefined) {
      delete inside[step];
    } else {
      inside[step] = value;
    }
  } else if (value === undefined) {
    inside.splice(step as number, 1);
  } else {
    // A number beyond the end of a list appends to it.
    inside[Math.min(step as number, inside.length)] = value;
  }
}

const isMap = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
