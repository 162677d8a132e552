import { yieldToEventLoop } from '../runtime/event-loop.ts';
import { decodeBase64, type WireTypes } from '../schema/check-types.ts';
import type { ListSchema, Schema, StructureSchema } from '../schema/structure.ts';
import { CborReader } from './cbor-reader.ts';
import { CborWriter } from './cbor-writer.ts';
import { collectYielding, givenMembers, membersAtOnce } from './large-output.ts';

/** CBOR 1.1: blobs are byte strings (base64 text is accepted too), timestamps are epoch milliseconds after tag 1. */
export const cborTypes: WireTypes = { blobFromText: decodeBase64, timestampUnitMs: 1 };

/** @throws Error when the body is not one well-formed CBOR item */
export function parseCbor(body: string | Uint8Array): unknown {
  return new CborReader(typeof body === 'string' ? Buffer.from(body) : body).readDocument();
}

/** Writes an operation's output. It omits members without a value. */
export function formatCbor(schema: StructureSchema, output: object): Uint8Array {
  const writer = new CborWriter();
  write(writer, schema, output);
  return writer.finish();
}

/** The same as `formatCbor`, for an output that may be large. It yields to the event loop between the parts. */
export async function formatLargeCbor(schema: StructureSchema, output: object): Promise<Uint8Array> {
  const writer = new CborWriter();
  writer.startMap();
  for (const [name, member, value] of givenMembers(schema, output)) {
    writer.text(name);
    await collectYielding(
      member.type === 'list' ? listParts(writer, member, value as unknown[]) : [write(writer, member, value)],
    );
  }
  writer.endMap();
  await yieldToEventLoop();
  return writer.finish();
}

function* listParts(writer: CborWriter, schema: ListSchema, members: readonly unknown[]): Generator<void, void> {
  writer.startList(members.length);
  const step = membersAtOnce(schema);
  for (const [index, member] of members.entries()) {
    write(writer, schema.member, member);
    if (index % step === 0) {
      yield;
    }
  }
}

/** Writes a map of texts: the body of a fault. */
export function formatCborTexts(texts: Readonly<Record<string, string>>): Uint8Array {
  const writer = new CborWriter();
  writeTexts(writer, texts);
  return writer.finish();
}

function write(writer: CborWriter, schema: Schema, value: unknown): void {
  switch (schema.type) {
    case 'string':
      writer.text(value as string);
      break;
    case 'integer':
    case 'long':
      writer.integer(value as number);
      break;
    case 'boolean':
      writer.boolean(value as boolean);
      break;
    case 'blob':
      writer.bytes(value as Uint8Array);
      break;
    case 'timestamp':
      writer.timestamp(value as number);
      break;
    case 'map':
      writeTexts(writer, value as Record<string, string>);
      break;
    case 'list':
      writeList(writer, schema, value as unknown[]);
      break;
    case 'structure':
      writeStructure(writer, schema, value as Record<string, unknown>);
      break;
  }
}

function writeList(writer: CborWriter, schema: ListSchema, members: readonly unknown[]): void {
  writer.startList(members.length);
  for (const member of members) {
    write(writer, schema.member, member);
  }
}

function writeStructure(writer: CborWriter, schema: StructureSchema, value: Record<string, unknown>): void {
  writer.startMap();
  for (const name in schema.members) {
    const member = value[name];
    if (member !== undefined) {
      writer.text(name);
      write(writer, schema.members[name] as Schema, member);
    }
  }
  writer.endMap();
}

function writeTexts(writer: CborWriter, texts: Readonly<Record<string, string>>): void {
  writer.startMap();
  for (const [key, text] of Object.entries(texts)) {
    writer.text(key);
    writer.text(text);
  }
  writer.endMap();
}
