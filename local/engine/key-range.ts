import { givenValue, requireOrder, type Subject } from './conditions.ts';
import { ValidationException } from './errors.ts';
import { resolvePath } from './paths.ts';
import type { ConditionSyntax, OperandSyntax } from './syntax.ts';

/** Where a range of keys begins or ends. */
export interface Bound {
  readonly value: unknown;
  readonly inclusive: boolean;
}

/** The part of a key condition for one key attribute. */
export interface AttributeRange {
  readonly attribute: string;
  readonly isEqual?: true;
  readonly from?: Bound;
  readonly to?: Bound;
  readonly prefix?: unknown;
}

/** The names and values of a key condition. */
export type RangeSubject = Omit<Subject, 'item'>;

/**
 * Compiles the tree of a key condition into ranges: of the partition key, and perhaps of the sort key.
 * @throws ValidationException for any other condition
 */
export function attributeRanges(syntax: ConditionSyntax): (subject: RangeSubject) => AttributeRange[] {
  const parts = syntax.kind === 'and' ? [syntax.left, syntax.right] : [syntax];
  return (subject) => parts.map((part) => rangeOf(part, subject));
}

function rangeOf(syntax: ConditionSyntax, subject: RangeSubject): AttributeRange {
  const attribute = (operand: OperandSyntax) => attributeOf(operand, subject);
  const bound = (operand: OperandSyntax, inclusive: boolean) => ({ value: boundOf(operand, subject), inclusive });
  if (syntax.kind === 'between') {
    const [from, to] = [bound(syntax.low, true), bound(syntax.high, true)];
    requireOrder(from.value, to.value);
    return { attribute: attribute(syntax.operand), from, to };
  }
  if (syntax.kind === 'begins_with') {
    return { attribute: attribute(syntax.path), prefix: boundOf(syntax.operand, subject) };
  }
  if (syntax.kind !== 'compare') {
    throw new ValidationException('Invalid operator used in KeyConditionExpression');
  }
  const { comparator, left, right } = syntax;
  switch (comparator) {
    case '=':
      return { attribute: attribute(left), isEqual: true, from: bound(right, true), to: bound(right, true) };
    case '<':
    case '<=':
      return { attribute: attribute(left), to: bound(right, comparator === '<=') };
    case '>':
    case '>=':
      return { attribute: attribute(left), from: bound(right, comparator === '>=') };
    case '<>':
      throw new ValidationException('Unsupported operator on KeyConditionExpression: operator: <>');
  }
}

function attributeOf(operand: OperandSyntax, { names }: RangeSubject): string {
  const [attribute, ...rest] = operand.kind === 'path' ? resolvePath(operand, names) : [];
  if (typeof attribute !== 'string' || rest.length > 0) {
    throw new ValidationException('KeyConditionExpressions must name a key attribute');
  }
  return attribute;
}

function boundOf(operand: OperandSyntax, { values }: RangeSubject): unknown {
  if (operand.kind !== 'value') {
    throw new ValidationException('KeyConditionExpressions must compare with a value');
  }
  return givenValue(values, operand.name);
}
