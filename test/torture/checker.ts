import type { FinishedEvent, HistoryEvent, PutEvent, ReadEvent, SeenRecord, StartEvent } from './history.ts';

/** A promise that was broken, with the shortest part of the history that shows it. */
export interface Violation {
  readonly promise: string;
  readonly events: readonly object[];
}

/** What was checked, and what was found. */
export interface Verdict {
  readonly acknowledged: number;
  readonly unclear: number;
  readonly refused: number;
  readonly recordsRead: number;
  readonly readers: number;
  readonly violations: readonly Violation[];
}

/** What one reader was given of one shard, in the order in which it was given. */
interface Reading {
  readonly reader: string;
  readonly shardId: string;
  readonly starts: StartEvent[];
  readonly reads: ReadEvent[];
}

const recordsOf = (reading: Reading): SeenRecord[] => reading.reads.flatMap(({ records }) => records);

const greater = (a: string, b: string): boolean => BigInt(a) > BigInt(b);

/** Decides whether a history is one that Kinesis could have had. */
export function check(history: readonly HistoryEvent[]): Verdict {
  const streams = [...Map.groupBy(history, ({ stream }) => stream).values()];
  const puts = history.filter((event) => event.kind === 'put');
  const reads = history.filter((event) => event.kind === 'read');
  const count = (outcome: PutEvent['outcome']) => puts.filter((put) => put.outcome === outcome).length;
  return {
    acknowledged: count('acknowledged'),
    unclear: count('unclear'),
    refused: count('refused'),
    recordsRead: reads.reduce((sum, { records }) => sum + records.length, 0),
    readers: new Set(reads.map(({ reader }) => reader)).size,
    violations: streams.flatMap((events) => new StreamCheck(events).violations()),
  };
}

/** The promises about one stream. */
class StreamCheck {
  readonly #puts: PutEvent[];
  readonly #attempts: ReadonlyMap<string, PutEvent>;
  readonly #readings: Reading[];
  readonly #finished: FinishedEvent[];
  readonly #wrong: Violation[];
  /** Each shard's records as the first reader that finished was given them; undefined when none finished. */
  readonly #log: ReadonlyMap<string, readonly SeenRecord[]> | undefined;

  constructor(events: readonly HistoryEvent[]) {
    this.#puts = events.filter((event) => event.kind === 'put');
    this.#attempts = new Map(this.#puts.map((put) => [put.id, put]));
    this.#finished = events.filter((event) => event.kind === 'finished');
    this.#wrong = events.filter((event) => event.kind === 'wrong').map((event) => violation(event.what));
    this.#readings = readings(events);
    const [first] = this.#finished;
    this.#log = first && new Map(this.#of(first.reader).map((reading) => [reading.shardId, recordsOf(reading)]));
  }

  violations(): Violation[] {
    return [
      ...this.#wrong,
      ...this.#sequenceNumbers(),
      ...this.#keys(),
      ...this.#shards(),
      ...this.#readings.flatMap((reading) => [
        ...this.#order(reading),
        ...recordsOf(reading).flatMap((record) => this.#record(reading, record)),
        ...this.#place(reading),
      ]),
      ...[...new Set(this.#readings.map(({ reader }) => reader))].flatMap((reader) => [...this.#deliveries(reader)]),
      ...this.#missing(),
    ];
  }

  #of(reader: string): Reading[] {
    return this.#readings.filter((reading) => reading.reader === reader);
  }

  /** Sequence numbers are unique, and above the one that the producer ordered by. */
  *#sequenceNumbers(): Generator<Violation> {
    const owners = new Map<string, PutEvent>();
    for (const put of this.#puts) {
      if (put.sequenceNumber !== undefined) {
        const other = owners.get(put.sequenceNumber);
        if (other !== undefined) {
          yield violation('sequence numbers are unique', other, put);
        }
        owners.set(put.sequenceNumber, put);
        if (put.after !== undefined && !greater(put.sequenceNumber, put.after)) {
          yield violation('a sequence number exceeds its SequenceNumberForOrdering', put);
        }
      }
    }
  }

  /** What was acknowledged of a key has ascending sequence numbers, across reshards too. */
  *#keys(): Generator<Violation> {
    const last = new Map<string, PutEvent>();
    for (const put of [...this.#puts].sort((a, b) => a.number - b.number)) {
      if (put.sequenceNumber !== undefined) {
        const before = last.get(put.key);
        if (before?.sequenceNumber !== undefined && !greater(put.sequenceNumber, before.sequenceNumber)) {
          yield violation('the sequence numbers of a key ascend', before, put);
        }
        last.set(put.key, put);
      }
    }
  }

  /** What was acknowledged before another put of its shard began has the lower number. */
  *#shards(): Generator<Violation> {
    const acknowledged = this.#puts.filter(({ sequenceNumber }) => sequenceNumber !== undefined);
    for (const puts of Map.groupBy(acknowledged, ({ shardId }) => shardId).values()) {
      let latest: PutEvent | undefined;
      for (const put of puts.sort((a, b) => (greater(a.sequenceNumber ?? '', b.sequenceNumber ?? '') ? 1 : -1))) {
        if (latest !== undefined && put.endMs < latest.startMs) {
          yield violation('numbers of a shard ascend in time', latest, put);
        }
        latest = latest === undefined || put.startMs > latest.startMs ? put : latest;
      }
    }
  }

  /** A reader is given the records of a shard in sequence order. */
  *#order(reading: Reading): Generator<Violation> {
    let before: SeenRecord | undefined;
    for (const record of recordsOf(reading)) {
      if (before !== undefined && !greater(record.sequenceNumber, before.sequenceNumber)) {
        yield violation('a reader is given a shard in sequence order', place(reading), before, record);
      }
      before = record;
    }
  }

  /** A record that is read was put, is as it was put, and is where it was acknowledged. */
  #record(reading: Reading, record: SeenRecord): Violation[] {
    const put = this.#attempts.get(record.id);
    if (put === undefined || put.key !== record.key || !record.intact) {
      return [violation('a reader is given what was put', place(reading), record, ...(put ? [put] : []))];
    }
    switch (put.outcome) {
      case 'refused':
        return [violation('what was refused is never read', place(reading), record, put)];
      case 'acknowledged':
        return put.sequenceNumber === record.sequenceNumber && put.shardId === reading.shardId
          ? []
          : [violation('a record is read where it was acknowledged', place(reading), record, put)];
      case 'unclear':
        return [];
    }
  }

  /** A reader is given each attempt once, and what was acknowledged of a key in its order, across reshards too. */
  *#deliveries(reader: string): Generator<Violation> {
    const seen = new Map<string, SeenRecord>();
    const last = new Map<string, PutEvent>();
    const reads = this.#of(reader).flatMap((reading) => reading.reads);
    for (const record of reads.sort((a, b) => a.endMs - b.endMs).flatMap(({ records }) => records)) {
      const other = seen.get(record.id);
      if (other !== undefined) {
        yield violation('a reader is given a record once', { reader }, other, record);
      }
      seen.set(record.id, record);
      const put = this.#attempts.get(record.id);
      if (put?.outcome === 'acknowledged') {
        const before = last.get(put.key);
        if (before !== undefined && before.number > put.number) {
          yield violation('a reader is given the records of a key in their order', { reader }, before, put);
        }
        last.set(put.key, put);
      }
    }
  }

  /** A reader begins where it asked to begin, and from there on is given the log without a hole. */
  *#place(reading: Reading): Generator<Violation> {
    const log = this.#log?.get(reading.shardId) ?? [];
    const records = recordsOf(reading);
    const [first] = records;
    if (this.#log === undefined || first === undefined) {
      yield* this.#emptyEnd(reading, log);
      return;
    }
    const from = log.findIndex(({ sequenceNumber }) => sequenceNumber === first.sequenceNumber);
    const passed = records.findIndex(({ sequenceNumber }, i) => sequenceNumber !== log[from + i]?.sequenceNumber);
    if (from === -1 || passed !== -1) {
      const [got, due] = from === -1 ? [first, undefined] : [records[passed], log[from + passed]];
      const read = reading.reads.find((event) => event.records.includes(got as SeenRecord));
      const put = due && this.#attempts.get(due.id);
      yield violation('a reader passes nothing', place(reading), { ...read, records: [got] }, { due }, { put });
      return;
    }
    if (reading.reads.at(-1)?.ended && from + records.length < log.length) {
      yield violation('a shard ends when all of it is read', place(reading), { due: log[from + records.length] });
    }
    const [start] = reading.starts;
    if (start !== undefined && !this.#begins(start, log, from)) {
      const around = log.slice(Math.max(0, from - 1), from + 1);
      const acknowledgements = around.flatMap(({ id }) => this.#attempts.get(id) ?? []);
      yield violation('a reader begins where it asked to', start, ...around, ...acknowledgements);
    }
  }

  /** A reader that is told of the end of a shard, and of nothing before, has begun behind the last record. */
  *#emptyEnd(reading: Reading, log: readonly SeenRecord[]): Generator<Violation> {
    const [start] = reading.starts;
    const hasEnded = reading.reads.at(-1)?.ended === true;
    if (this.#log !== undefined && hasEnded && start !== undefined && !this.#begins(start, log, log.length)) {
      yield violation('a shard ends when all of it is read', start, { due: log.at(-1) });
    }
  }

  /** Whether `from` is where a reader that started so has to begin. */
  #begins({ type, sequenceNumber, timestampMs, startMs, endMs }: StartEvent, log: readonly SeenRecord[], from: number) {
    switch (type) {
      case 'TRIM_HORIZON':
        return from === 0;
      case 'AT_SEQUENCE_NUMBER':
        return log[from]?.sequenceNumber === sequenceNumber;
      case 'AFTER_SEQUENCE_NUMBER':
        return log[from - 1]?.sequenceNumber === sequenceNumber;
      case 'AT_TIMESTAMP':
        return from === log.filter(({ arrivalMs }) => arrivalMs < (timestampMs ?? 0)).length;
      case 'LATEST': {
        const put = (record: SeenRecord) => this.#attempts.get(record.id);
        const old = log.slice(from).some((r) => put(r)?.outcome === 'acknowledged' && (put(r)?.endMs ?? 0) < startMs);
        const missed = log.slice(0, from).some((record) => (put(record)?.startMs ?? 0) > endMs);
        return !old && !missed;
      }
    }
  }

  /** What was acknowledged is read by every reader that finished. */
  *#missing(): Generator<Violation> {
    for (const { reader } of this.#finished) {
      const reading = this.#of(reader);
      const seen = new Set(reading.flatMap(recordsOf).map(({ id }) => id));
      const lost = this.#puts.filter((put) => put.outcome === 'acknowledged' && !seen.has(put.id));
      for (const put of lost) {
        yield violation('what was acknowledged is read', put, ...passing(reading, put));
      }
    }
  }
}

/** The read that went past a record. */
function passing(readings: readonly Reading[], put: PutEvent): object[] {
  const reads = readings.filter(({ shardId }) => shardId === put.shardId).flatMap((reading) => reading.reads);
  const beyond = (record: SeenRecord) => greater(record.sequenceNumber, put.sequenceNumber ?? '0');
  const read = reads.find((event) => event.records.some(beyond)) ?? reads.find((event) => event.ended);
  return read === undefined ? [] : [{ ...read, records: read.records.filter(beyond).slice(0, 1) }];
}

function readings(events: readonly HistoryEvent[]): Reading[] {
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

const place = ({ reader, shardId }: Reading) => ({ reader, shardId });

const violation = (promise: string, ...events: object[]): Violation => ({ promise, events });
