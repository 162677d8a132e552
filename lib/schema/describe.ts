import type { Schema, StructureSchema } from './structure.ts';

/** The part of an operation that its documentation needs. */
export interface Describable {
  readonly name: string;
  readonly input: StructureSchema;
  readonly output: StructureSchema | undefined;
  readonly faults: readonly string[];
  readonly rate?: { readonly callsPerSecond: number; readonly per: string } | undefined;
}

const REFERENCE = 'https://docs.aws.amazon.com/kinesis/latest/APIReference/API_';

/** Writes the page that lists every operation and its members. The source is the schemas that check the requests. */
export function describeOperations(operations: Iterable<Describable>): string {
  const sections = [...operations].sort((a, b) => (a.name < b.name ? -1 : 1)).map(describeOperation);
  return [
    '# Operations',
    '',
    'Generated from the schema table by `npm run docs`; do not edit. Members are listed in the order in which their errors are',
    'reported. What differs from Kinesis stands in [compatibility.md](compatibility.md).',
    '',
    ...sections,
  ].join('\n');
}

function describeOperation({ name, input, output, faults, rate }: Describable): string {
  return [
    `## ${name}`,
    '',
    `[API reference](${REFERENCE}${name}.html)${rate ? ` · ${rate.callsPerSecond} calls a second for each ${rate.per}` : ''}`,
    '',
    ...memberTable('Request', input),
    ...(output === undefined ? ['A success has an empty body.', ''] : memberTable('Answer', output)),
    `Faults: ${faults.map((fault) => `\`${fault}\``).join(', ')}.`,
    '',
  ].join('\n');
}

function memberTable(title: string, schema: StructureSchema): string[] {
  const rows = [...memberRows(schema, '')];
  return rows.length === 0
    ? [`${title}: no members.`, '']
    : [`| ${title} | type | constraints |`, '|---|---|---|', ...rows, ''];
}

function* memberRows(schema: StructureSchema, prefix: string): Generator<string> {
  for (const [name, member] of Object.entries(schema.members)) {
    const path = prefix + name;
    yield `| \`${path}\` | ${member.type} | ${constraints(member).join('; ')} |`;
    yield* nestedRows(member, path);
  }
}

function* nestedRows(schema: Schema, path: string): Generator<string> {
  if (schema.type === 'structure') {
    yield* memberRows(schema, `${path}.`);
  } else if (schema.type === 'list') {
    const element = schema.member;
    yield `| \`${path}[]\` | ${element.type} | ${constraints(element).join('; ')} |`;
    yield* nestedRows(element, `${path}[]`);
  }
}

function constraints(schema: Schema & { readonly required?: boolean }): string[] {
  const told = schema.required ? ['required'] : [];
  if ('min' in schema && schema.min !== undefined) {
    told.push(`at least ${schema.min}`);
  }
  if ('max' in schema && schema.max !== undefined) {
    told.push(`at most ${schema.max}`);
  }
  if (schema.type === 'string' && schema.pattern !== undefined) {
    told.push(`pattern \`${schema.pattern.replaceAll('|', '\\|')}\``);
  }
  if (schema.type === 'string' && schema.enum !== undefined) {
    told.push(schema.enum.map((word) => `\`${word}\``).join(', '));
  }
  return told;
}
