import { decodeBase64, type WireTypes } from '../schema/check-types.ts';
import type { Schema, StructureSchema } from '../schema/structure.ts';

/** JSON 1.1: blobs are base64 text, timestamps epoch seconds with up to three decimals. */
export const jsonTypes: WireTypes = { blobFromText: decodeBase64, timestampUnitMs: 1000 };

/** @throws SyntaxError */
export function parseJson(body: string | Uint8Array): unknown {
  return JSON.parse(
    typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.length).toString(),
  );
}

/** Writes an operation's output; members without a value are left out. */
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
