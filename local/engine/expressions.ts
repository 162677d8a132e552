import { type Condition, condition, type Subject } from './conditions.ts';
import { ValidationException } from './errors.ts';
import { type AttributeRange, attributeRanges, type RangeSubject } from './key-range.ts';
import { parseCondition, parseProjection, parseUpdate } from './parser.ts';
import { pickPaths, resolvePath } from './paths.ts';
import type { ConditionSyntax, Parsed } from './syntax.ts';
import { type Updated, update } from './updates.ts';
import type { Item } from './values.ts';

/** A compiled expression, and the names and values that it uses. */
export interface Ready<T> {
  readonly run: T;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

/** The cached expressions of each kind. The store has about thirty, tests have others. */
const MAX_REMEMBERED = 500;

function remembered<T>(make: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) {
      return found;
    }
    if (known.size >= MAX_REMEMBERED) {
      known.clear();
    }
    const made = make(text);
    known.set(text, made);
    return made;
  };
}

const ready = <T>({ names, values }: Parsed<unknown>, run: T): Ready<T> => ({ run, names, values });

/** A condition, and whether it only requires that a key attribute is absent, so that there is no item. */
export interface ReadyCondition extends Ready<Condition> {
  readonly absent: string | undefined;
}

function readyCondition(text: string, what: string): ReadyCondition {
  const parsed = parseCondition(text, what);
  return { ...ready(parsed, condition(parsed.syntax)), absent: absentAttribute(parsed.syntax) };
}

function absentAttribute(syntax: ConditionSyntax): string | undefined {
  const [step] = syntax.kind === 'attribute_not_exists' ? syntax.path.steps : [];
  const isPlain = syntax.kind === 'attribute_not_exists' && syntax.path.steps.length === 1;
  return isPlain && typeof step === 'string' && !step.startsWith('#') ? step : undefined;
}

/** @throws ValidationException */
export const conditionExpression = remembered((text) => readyCondition(text, 'ConditionExpression'));

/** @throws ValidationException */
export const filterExpression = remembered((text) => readyCondition(text, 'FilterExpression'));

/** @throws ValidationException */
export const updateExpression = remembered((text): Ready<(subject: Subject) => Updated> => {
  const parsed = parseUpdate(text);
  return ready(parsed, update(parsed.syntax));
});

/** @throws ValidationException */
export const keyConditionExpression = remembered((text): Ready<(subject: RangeSubject) => AttributeRange[]> => {
  const parsed = parseCondition(text, 'KeyConditionExpression');
  return ready(parsed, attributeRanges(parsed.syntax));
});

/** @throws ValidationException */
export const projectionExpression = remembered((text): Ready<(subject: Omit<Subject, 'values'>) => Item> => {
  const parsed = parseProjection(text);
  return ready(parsed, ({ item, names }) =>
    pickPaths(
      item,
      parsed.syntax.map((path) => resolvePath(path, names)),
    ),
  );
});

/** The names and values of a request's expressions. */
export interface Given {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Readonly<Record<string, unknown>> | undefined;
}

/** @throws ValidationException for names or values that none of the request's expressions uses */
export function requireUsed(given: Given, expressions: readonly (Ready<unknown> | undefined)[]): void {
  for (const name in given.ExpressionAttributeNames) {
    if (!expressions.some((expression) => expression?.names.has(name))) {
      throw new ValidationException(
        `Value provided in ExpressionAttributeNames unused in expressions: keys: {${name}}`,
      );
    }
  }
  for (const name in given.ExpressionAttributeValues) {
    if (!expressions.some((expression) => expression?.values.has(name))) {
      throw new ValidationException(
        `Value provided in ExpressionAttributeValues unused in expressions: keys: {${name}}`,
      );
    }
  }
}
