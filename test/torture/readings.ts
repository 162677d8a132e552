import type { HistoryEvent, PutEvent, ReadEvent, SeenRecord, StartEvent } from './history.ts';

/** A promise that was broken, with the shortest part of the history that shows it. */
export interface Violation {
  readonly promise: string;
  readonly events: readonly object[];
}

export const violation = (promise: string, ...events: object[]): Violation => ({ promise, events });

/** What one reader got from one shard, in this order. */
export interface Reading {
  readonly reader: string;
  readonly shardId: string;
  readonly starts: StartEvent[];
  readonly reads: ReadEvent[];
}

export const recordsOf = (reading: Reading): SeenRecord[] => reading.reads.flatMap(({ records }) => records);

export const place = ({ reader, shardId }: Reading) => ({ reader, shardId });

/** Compares sequence numbers. They have more digits than a JavaScript number can hold. */
export const greater = (a: string, b: string): boolean => BigInt(a) > BigInt(b);

/** What each reader got from each shard. */
export function readingsOf(events: readonly HistoryEvent[]): Reading[] {
  const found = new Map<string, Reading>();
  for (const event of events) {
    if (event.kind === 'start' || event.kind === 'read') {
      const { reader, shardId } = event;
      const name = `${reader} ${shardId}`;
      const reading = found.get(name) ?? { reader, shardId, starts: [], reads: [] };
      found.set(name, reading);
      if (event.kind === 'read') {
        reading.reads.push(event);
      } else {
        reading.starts.push(event);
      }
    }
  }
  return [...found.values()];
}

/** The read that went past a record. */
export function passing(readings: readonly Reading[], put: PutEvent): object[] {
  const reads = readings.filter(({ shardId }) => shardId === put.shardId).flatMap((reading) => reading.reads);
  const beyond = (record: SeenRecord) => greater(record.sequenceNumber, put.sequenceNumber ?? '0');
  const read = reads.find((event) => event.records.some(beyond)) ?? reads.find((event) => event.ended);
  return read === undefined ? [] : [{ ...read, records: read.records.filter(beyond).slice(0, 1) }];
}
