import { echo, KinesisFault } from '../faults.ts';
import type { ListSchema, MapSchema, Schema, StringSchema, StructureSchema } from './structure.ts';

/** Kinesis reports no more violations than this. */
const MAX_ERRORS = 10;

/**
 * Checks a typed input against its schema's constraints.
 * @throws KinesisFault (ValidationException) that lists up to ten violations, in declared order
 */
export function checkConstraints(schema: StructureSchema, input: object): void {
  const errors: string[] = [];
  checkMembers(schema, input as Record<string, unknown>, '', errors);
  if (errors.length > 0) {
    const told = errors.slice(0, MAX_ERRORS);
    const count = `${told.length} validation error${told.length === 1 ? '' : 's'} detected: `;
    throw new KinesisFault('ValidationException', count + told.join('; '));
  }
}

function checkMembers(schema: StructureSchema, value: Record<string, unknown>, prefix: string, errors: string[]) {
  for (const name in schema.members) {
    if (errors.length >= MAX_ERRORS) {
      return;
    }
    const member = schema.members[name] as Schema & { required?: boolean };
    const path = prefix + name.charAt(0).toLowerCase() + name.slice(1);
    const memberValue = value[name];
    if (memberValue !== undefined) {
      checkValue(member, memberValue, path, errors);
    } else if (member.required) {
      errors.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
    }
  }
}

function checkValue(schema: Schema, value: unknown, path: string, errors: string[]): void {
  for (const constraint of violations(schema, value)) {
    errors.push(`Value${rendering(schema, value)} at '${path}' failed to satisfy constraint: ${constraint}`);
  }
  if (schema.type === 'structure') {
    checkMembers(schema, value as Record<string, unknown>, `${path}.`, errors);
  } else if (schema.type === 'list' && schema.member.type === 'structure') {
    const elements = value as (Record<string, unknown> | null)[];
    for (let i = 0; i < elements.length && errors.length < MAX_ERRORS; i++) {
      const element = elements[i];
      if (element) {
        checkMembers(schema.member, element, `${path}.${i + 1}.member.`, errors);
      }
    }
  }
}

function violations(schema: Schema, value: unknown): string[] {
  switch (schema.type) {
    case 'string':
      return stringViolations(schema, value as string);
    case 'integer':
    case 'long':
      return rangeViolations(schema, value as number);
    case 'blob':
      return lengthViolations(schema, (value as Uint8Array).length);
    case 'list':
      return [...lengthViolations(schema, (value as unknown[]).length), ...listMemberViolations(schema, value)];
    case 'map':
      return [...lengthViolations(schema, Object.keys(value as object).length), ...mapViolations(schema, value)];
    default:
      return [];
  }
}

function stringViolations(schema: StringSchema, value: string): string[] {
  const found: string[] = [];
  if (schema.pattern !== undefined && !wholePattern(schema.linearPattern ?? schema.pattern).test(value)) {
    found.push(`Member must satisfy regular expression pattern: ${schema.pattern}`);
  }
  if (schema.enum !== undefined && !schema.enum.includes(value)) {
    found.push(`Member must satisfy enum value set: [${schema.enum.join(', ')}]`);
  }
  found.push(...lengthViolations(schema, value.length));
  return found;
}

const patterns = new Map<string, RegExp>();

function wholePattern(pattern: string): RegExp {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    compiled = new RegExp(`^(?:${pattern})$`);
    patterns.set(pattern, compiled);
  }
  return compiled;
}

interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

function rangeViolations({ min, max }: Bounds, value: number): string[] {
  const found: string[] = [];
  if (min !== undefined && value < min) {
    found.push(`Member must have value greater than or equal to ${min}`);
  }
  if (max !== undefined && value > max) {
    found.push(`Member must have value less than or equal to ${max}`);
  }
  return found;
}

function lengthViolations({ min, max }: Bounds, length: number): string[] {
  const found: string[] = [];
  if (min !== undefined && length < min) {
    found.push(`Member must have length greater than or equal to ${min}`);
  }
  if (max !== undefined && length > max) {
    found.push(`Member must have length less than or equal to ${max}`);
  }
  return found;
}

/** An error in a list of strings is reported at the path of the list. Structures report errors at their own paths. */
function listMemberViolations(schema: ListSchema, value: unknown): string[] {
  const elements = value as unknown[];
  if (elements.includes(null)) {
    return ['Member must satisfy constraint: [Member must not be null]'];
  }
  if (schema.member.type !== 'string') {
    return [];
  }
  const member = schema.member;
  const constraint = bracketed(member, elements as string[]);
  return constraint === undefined ? [] : [`Member must satisfy constraint: ${constraint}`];
}

function mapViolations(schema: MapSchema, value: unknown): string[] {
  const entries = value as Record<string, string | null>;
  const found: string[] = [];
  const keys = bracketed(schema.key, Object.keys(entries));
  if (keys !== undefined) {
    found.push(`Map keys must satisfy constraint: ${keys}`);
  }
  const values = Object.values(entries);
  if (values.includes(null)) {
    found.push('Map value must satisfy constraint: [Member must not be null]');
  } else {
    const constraint = bracketed(schema.value, values as string[]);
    if (constraint !== undefined) {
      found.push(`Map value must satisfy constraint: ${constraint}`);
    }
  }
  return found;
}

/** The constraints of a collection's strings, in brackets. Undefined when every string satisfies them. */
function bracketed(schema: StringSchema, values: readonly string[]): string | undefined {
  if (values.every((value) => stringViolations(schema, value).length === 0)) {
    return undefined;
  }
  if (schema.enum !== undefined) {
    return `[Member must satisfy enum value set: [${schema.enum.join(', ')}]]`;
  }
  return (
    `[Member must have length less than or equal to ${schema.max}, ` +
    `Member must have length greater than or equal to ${schema.min}]`
  );
}

/** The value as the real service prints it. Empty for members that hold customer data. */
function rendering(schema: Schema, value: unknown): string {
  if ('sensitive' in schema && schema.sensitive) {
    return '';
  }
  if (schema.type === 'list') {
    return ` '[${echo((value as unknown[]).map(String).join(', '))}]'`;
  }
  if (schema.type === 'map') {
    const entries = Object.entries(value as object).map(([key, entry]) => `${key}=${entry}`);
    return ` '{${echo(entries.join(', '))}}'`;
  }
  return ` '${echo(String(value))}'`;
}
