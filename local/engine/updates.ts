import { givenValue, type Subject } from './conditions.ts';
import { ValidationException } from './errors.ts';
import { type Path, readPath, resolvePath, writePath } from './paths.ts';
import type { ActionSyntax, AssignedSyntax } from './syntax.ts';
import { type Item, typeOf } from './values.ts';

/** The item after an update, and the paths that it changed. */
export interface Updated {
  readonly item: Item;
  readonly paths: readonly Path[];
}

/**
 * Compiles the tree of an update, once for each text. All operands have their values from before the update.
 * @throws ValidationException for paths that overlap, and for impossible calculations
 */
export function update(actions: readonly ActionSyntax[]): (subject: Subject) => Updated {
  const makers = actions.map((action) => ({ action, value: valueFor(action) }));
  return (subject) => {
    const item = { ...subject.item };
    const planned = makers.map(({ action, value }) => ({
      path: resolvePath(action.path, subject.names),
      value: value(subject),
    }));
    requireApart(planned.map(({ path }) => path));
    const inOrder = planned.toSorted((a, b) => rank(a) - rank(b));
    for (const { path, value } of inOrder) {
      if (value !== undefined || readPath(item, path) !== undefined) {
        writePath(item, path, value);
      }
    }
    return { item, paths: planned.map(({ path }) => path) };
  };
}

/**
 * New members of a list are added in the order of their numbers. Members are removed last, from the end, so that the others keep their numbers
 * meanwhile.
 */
const rank = ({ path, value }: { readonly path: Path; readonly value: unknown }): number => {
  const last = path.at(-1);
  const number = typeof last === 'number' ? last : 0;
  return value === undefined ? Number.MAX_SAFE_INTEGER - number : number;
};

function requireApart(paths: readonly Path[]): void {
  for (const [index, path] of paths.entries()) {
    for (const other of paths.slice(index + 1)) {
      const shared = Math.min(path.length, other.length);
      if (path.slice(0, shared).every((step, i) => step === other[i])) {
        throw new ValidationException(
          `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; ` +
            `path one: [${path.join(', ')}], path two: [${other.join(', ')}]`,
        );
      }
    }
  }
}

/** The new value at a path. Undefined: it is removed. */
function valueFor(action: ActionSyntax): (subject: Subject) => unknown {
  switch (action.kind) {
    case 'set':
      return assigned(action.to);
    case 'remove':
      return () => undefined;
    case 'add to':
      return (subject) => {
        const before = readPath(subject.item, resolvePath(action.path, subject.names));
        return sum(before === undefined ? 0 : before, givenValue(subject.values, action.value.name), 1);
      };
  }
}

function assigned(syntax: AssignedSyntax): (subject: Subject) => unknown {
  switch (syntax.kind) {
    case 'value':
      return ({ values }) => givenValue(values, syntax.name);
    case 'path':
      return ({ item, names }) => present(readPath(item, resolvePath(syntax, names)));
    case 'if_not_exists': {
      const otherwise = assigned(syntax.otherwise);
      return (subject) => {
        const before = readPath(subject.item, resolvePath(syntax.path, subject.names));
        return before === undefined ? otherwise(subject) : before;
      };
    }
    case 'add':
    case 'subtract': {
      const [left, right] = [assigned(syntax.left), assigned(syntax.right)];
      const sign = syntax.kind === 'add' ? 1 : -1;
      return (subject) => sum(left(subject), right(subject), sign);
    }
    case 'list_append': {
      const [left, right] = [assigned(syntax.left), assigned(syntax.right)];
      return (subject) => [...list(left(subject)), ...list(right(subject))];
    }
  }
}

function present(value: unknown): unknown {
  if (value === undefined) {
    throw new ValidationException('The provided expression refers to an attribute that does not exist in the item');
  }
  return value;
}

function sum(left: unknown, right: unknown, sign: 1 | -1): number {
  if (typeof left !== 'number' || typeof right !== 'number') {
    throw new ValidationException('An operand in the update expression has an incorrect data type');
  }
  return left + sign * right;
}

function list(value: unknown): unknown[] {
  if (typeOf(value) !== 'L') {
    throw new ValidationException('An operand in the update expression has an incorrect data type');
  }
  return value as unknown[];
}
