import { yieldToEventLoop } from '../runtime/event-loop.ts';
import type { ListSchema, Schema, StructureSchema } from '../schema/structure.ts';

/** Lists of up to so many members are small, whatever the members are. */
const SMALL_LIST = 4;

/** How many members of a list are written in one turn. Those with blobs may have a megabyte each, and may be many. */
const WITH_BLOBS = 4;
const WITHOUT_BLOBS = 100;

/** Whether writing an output may take so long that the writer must yield to the event loop meanwhile. */
export const isLarge = (schema: StructureSchema, output: object): boolean =>
  givenMembers(schema, output).some(
    ([, member, value]) =>
      member.type === 'list' && (value as unknown[]).length > Math.max(SMALL_LIST, membersAtOnce(member)),
  );

export const membersAtOnce = ({ member }: ListSchema): number =>
  member.type === 'structure' && Object.values(member.members).some(({ type }) => type === 'blob')
    ? WITH_BLOBS
    : WITHOUT_BLOBS;

/** The members of an output that have a value, in the order of the schema. */
export function givenMembers(
  schema: StructureSchema,
  output: object,
): [name: string, schema: Schema, value: unknown][] {
  const values = output as Record<string, unknown>;
  return Object.entries(schema.members).flatMap(([name, member]) =>
    values[name] === undefined ? [] : [[name, member, values[name]]],
  );
}

/** Collects the parts of a large output, and yields to the event loop between them. */
export async function collectYielding<T>(parts: Iterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for (const part of parts) {
    taken.push(part);
    await yieldToEventLoop();
  }
  return taken;
}
