import { ValidationException } from './errors.ts';
import { type Names, readPath, resolvePath } from './paths.ts';
import type { Comparator, ConditionSyntax, OperandSyntax } from './syntax.ts';
import { compare, type Item, isEqual, typeOf } from './values.ts';

/** The item, names and values that an expression is evaluated with. */
export interface Subject {
  readonly item: Item;
  readonly names: Names;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A condition that is ready to be evaluated. */
export type Condition = (subject: Subject) => boolean;

type Operand = (subject: Subject) => unknown;

/** Compiles the tree of a condition, once for each text. */
export function condition(syntax: ConditionSyntax): Condition {
  switch (syntax.kind) {
    case 'and': {
      const [left, right] = [condition(syntax.left), condition(syntax.right)];
      return (subject) => left(subject) && right(subject);
    }
    case 'or': {
      const [left, right] = [condition(syntax.left), condition(syntax.right)];
      return (subject) => left(subject) || right(subject);
    }
    case 'not': {
      const operand = condition(syntax.operand);
      return (subject) => !operand(subject);
    }
    case 'compare': {
      const holds = COMPARISONS[syntax.comparator];
      const [left, right] = [operandOf(syntax.left), operandOf(syntax.right)];
      return (subject) => holds(left(subject), right(subject));
    }
    case 'between': {
      const [value, low, high] = [operandOf(syntax.operand), operandOf(syntax.low), operandOf(syntax.high)];
      const areGiven = syntax.low.kind === 'value' && syntax.high.kind === 'value';
      return (subject) => {
        const of = value(subject);
        if (areGiven) {
          requireOrder(low(subject), high(subject));
        }
        return COMPARISONS['>='](of, low(subject)) && COMPARISONS['<='](of, high(subject));
      };
    }
    case 'in': {
      const value = operandOf(syntax.operand);
      const among = syntax.among.map(operandOf);
      return (subject) => {
        const of = value(subject);
        return of !== undefined && among.some((candidate) => isEqual(of, candidate(subject)));
      };
    }
    case 'attribute_exists':
    case 'attribute_not_exists': {
      const { path, kind } = syntax;
      const exists = kind === 'attribute_exists';
      return ({ item, names }) => (readPath(item, resolvePath(path, names)) !== undefined) === exists;
    }
    default:
      return test(syntax);
  }
}

function test(syntax: ConditionSyntax & { readonly kind: 'attribute_type' | 'begins_with' | 'contains' }): Condition {
  const [value, operand] = [operandOf(syntax.path), operandOf(syntax.operand)];
  const holds = TESTS[syntax.kind];
  return (subject) => {
    const of = value(subject);
    return of !== undefined && holds(of, operand(subject));
  };
}

function operandOf(syntax: OperandSyntax): Operand {
  switch (syntax.kind) {
    case 'value':
      return ({ values }) => givenValue(values, syntax.name);
    case 'path':
      return ({ item, names }) => readPath(item, resolvePath(syntax, names));
    case 'size':
      return ({ item, names }) => sizeOf(readPath(item, resolvePath(syntax.of, names)));
  }
}

/** @throws ValidationException for bounds of BETWEEN that nothing can lie between */
export function requireOrder(low: unknown, high: unknown): void {
  const order = compare(low, high);
  if (order === undefined || order > 0) {
    throw new ValidationException(
      'The BETWEEN operator requires bounds of the same type, and an upper bound that is not below the lower one',
    );
  }
}

/** @throws ValidationException for a value that the request does not bring along */
export function givenValue(values: Readonly<Record<string, unknown>>, name: string): unknown {
  const value = values[name];
  if (value === undefined) {
    throw new ValidationException(
      `An expression attribute value used in expression is not defined; attribute value: ${name}`,
    );
  }
  return value;
}

/** @returns undefined for a value without a size */
function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') {
    return Buffer.byteLength(value);
  }
  if (value instanceof Uint8Array || Array.isArray(value)) {
    return value.length;
  }
  return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
}

const ordered =
  (holds: (order: number) => boolean) =>
  (a: unknown, b: unknown): boolean => {
    const order = compare(a, b);
    return order !== undefined && holds(order);
  };

/** A missing value equals nothing, differs from everything, and has no order. */
const COMPARISONS: Readonly<Record<Comparator, (a: unknown, b: unknown) => boolean>> = {
  '=': (a, b) => a !== undefined && isEqual(a, b),
  '<>': (a, b) => a === undefined || b === undefined || !isEqual(a, b),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
};

const TESTS = {
  attribute_type: (value: unknown, type: unknown) => typeOf(value) === type,
  begins_with: (value: unknown, prefix: unknown) =>
    value instanceof Uint8Array && prefix instanceof Uint8Array
      ? Buffer.compare(value.subarray(0, prefix.length), prefix) === 0
      : typeof value === 'string' && typeof prefix === 'string' && value.startsWith(prefix),
  contains: (value: unknown, part: unknown) => {
    if (Array.isArray(value)) {
      return value.some((member) => isEqual(member, part));
    }
    if (value instanceof Uint8Array && part instanceof Uint8Array) {
      return Buffer.from(value).includes(Buffer.from(part));
    }
    return typeof value === 'string' && typeof part === 'string' && value.includes(part);
  },
} as const;
