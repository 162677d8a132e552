import { yieldToEventLoop } from '../runtime/event-loop.ts';
import { decodeBase64, type WireTypes } from '../schema/check-types.ts';
import type { ListSchema, Schema, StructureSchema } from '../schema/structure.ts';
import { collectYielding, givenMembers, membersAtOnce } from './large-output.ts';

/** JSON 1.1: blobs are base64 text, timestamps are epoch seconds with up to three decimals. */
export const jsonTypes: WireTypes = { blobFromText: decodeBase64, timestampUnitMs: 1000 };

/** @throws SyntaxError */
export function parseJson(body: string | Uint8Array): unknown {
  return JSON.parse(
    typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length).toString(),
  );
}

/** The same as `formatJson`, for an output that may be large. It yields to the event loop between the parts. */
export async function formatLargeJson(schema: StructureSchema, output: object): Promise<string> {
  const text = (await collectYielding(jsonParts(schema, output))).join('');
  await yieldToEventLoop();
  return text;
}

function* jsonParts(schema: StructureSchema, output: object): Generator<string, void> {
  let sign = '{';
  for (const [name, member, value] of givenMembers(schema, output)) {
    yield `${sign}${JSON.stringify(name)}:`;
    yield* member.type === 'list' ? listParts(member, value as unknown[]) : [JSON.stringify(toJson(member, value))];
    sign = ',';
  }
  yield sign === '{' ? '{}' : '}';
}

function* listParts(schema: ListSchema, members: readonly unknown[]): Generator<string, void> {
  const step = membersAtOnce(schema);
  for (let at = 0; at < members.length; at += step) {
    const part = JSON.stringify(toJson(schema, members.slice(at, at + step)));
    yield `${at === 0 ? '[' : ','}${part.slice(1, -1)}`;
  }
  yield members.length === 0 ? '[]' : ']';
}

/** Writes an operation's output. It omits members without a value. */
export function formatJson(schema: StructureSchema, output: object): string {
  return JSON.stringify(toJson(schema, output));
}

function toJson(schema: Schema, value: unknown): unknown {
  switch (schema.type) {
    case 'blob': {
      const bytes = value as Uint8Array;
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    }
    case 'timestamp':
      return (value as number) / 1000;
    case 'list':
      return (value as unknown[]).map((member) => toJson(schema.member, member));
    case 'structure': {
      const json: Record<string, unknown> = {};
      for (const name in schema.members) {
        const member = (value as Record<string, unknown>)[name];
        if (member !== undefined) {
          json[name] = toJson(schema.members[name] as Schema, member);
        }
      }
      return json;
    }
    default:
      return value;
  }
}
