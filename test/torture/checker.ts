import { ends } from './end-checks.ts';
import type { FinishedEvent, HistoryEvent, PutEvent, SeenRecord, ShardEvent, StartEvent } from './history.ts';
import { greater, passing, place, type Reading, readingsOf, recordsOf, type Violation, violation } from './readings.ts';
import { refusalViolations } from './refusal-checks.ts';
import type { RoundTerms } from './round-terms.ts';
import { shardViolations } from './shard-checks.ts';
import { arrival, ascending, beginsAtTime, latestBegin } from './time-checks.ts';
import { tip } from './tip-checks.ts';

/** What was checked, and what was found. */
export interface Verdict {
  readonly acknowledged: number;
  readonly unclear: number;
  readonly refused: number;
  readonly recordsRead: number;
  readonly readers: number;
  readonly violations: readonly Violation[];
}

/**
 * Decides whether a history is one that Kinesis could have had.
 * @param terms what its round was made of
 */
export function check(history: readonly HistoryEvent[], terms: RoundTerms): Verdict {
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
    violations: [
      ...streams.flatMap((events) => [...new StreamCheck(events, terms).violations(), ...shardViolations(events)]),
      ...refusalViolations(history, terms),
    ],
  };
}

/** The promises about one stream. */
class StreamCheck {
  readonly #terms: RoundTerms;
  readonly #puts: PutEvent[];
  readonly #attempts: ReadonlyMap<string, PutEvent>;
  readonly #readings: Reading[];
  readonly #finished: FinishedEvent[];
  readonly #shards: ReadonlyMap<string, ShardEvent>;
  /** What was acknowledged of each shard, in the order of the sequence numbers. */
  readonly #acknowledged: ReadonlyMap<string, readonly PutEvent[]>;
  readonly #wrong: Violation[];
  /** Each shard's records as the first reader that finished was given them; undefined when none finished. */
  readonly #log: ReadonlyMap<string, readonly SeenRecord[]> | undefined;

  constructor(events: readonly HistoryEvent[], terms: RoundTerms) {
    this.#terms = terms;
    this.#puts = events.filter((event) => event.kind === 'put');
    this.#attempts = new Map(this.#puts.map((put) => [put.id, put]));
    this.#finished = events.filter((event) => event.kind === 'finished');
    this.#wrong = events.filter((event) => event.kind === 'wrong').map((event) => violation(event.what));
    this.#readings = readingsOf(events);
    this.#shards = new Map(events.filter((event) => event.kind === 'shard').map((shard) => [shard.shardId, shard]));
    this.#acknowledged = acknowledgedOf(this.#puts);
    const first = this.#finished.find(({ fromMs }) => fromMs === undefined);
    this.#log = first && new Map(this.#of(first.reader).map((reading) => [reading.shardId, recordsOf(reading)]));
  }

  violations(): Violation[] {
    return [
      ...this.#wrong,
      ...this.#sequenceNumbers(),
      ...this.#keys(),
      ...this.#inTime(),
      ...this.#readings.flatMap((reading) => [
        ...this.#order(reading),
        ...recordsOf(reading).flatMap((record) => this.#record(reading, record)),
        ...this.#place(reading),
        ...tip(reading, this.#acknowledged.get(reading.shardId) ?? []),
        ...ends(reading, this.#shards, this.#finished, this.#terms),
      ]),
      ...[...(this.#log?.values() ?? [])].flatMap((log) => [...ascending(log)]),
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
  *#inTime(): Generator<Violation> {
    for (const puts of this.#acknowledged.values()) {
      let latest: PutEvent | undefined;
      for (const put of puts) {
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
          ? [...arrival(put, record, this.#terms)]
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
        return beginsAtTime(timestampMs ?? 0, log, from, this.#terms);
      case 'LATEST': {
        const put = (record: SeenRecord) => this.#attempts.get(record.id);
        const old = log.slice(from).some((r) => put(r)?.outcome === 'acknowledged' && (put(r)?.endMs ?? 0) < startMs);
        const missed = log.slice(0, from).some((record) => (put(record)?.startMs ?? 0) > endMs);
        return !old && !missed;
      }
    }
  }

  /** What was acknowledged is read by every reader that finished, from the time on that it began at. */
  *#missing(): Generator<Violation> {
    const log = new Map([...(this.#log?.values() ?? [])].flat().map(({ id, arrivalMs }) => [id, arrivalMs]));
    for (const { reader, fromMs } of this.#finished) {
      const reading = this.#of(reader);
      const seen = new Set(reading.flatMap(recordsOf).map(({ id }) => id));
      const dueMs = fromMs === undefined ? 0 : latestBegin(fromMs, this.#terms);
      const lost = this.#puts.filter(({ id, outcome }) => {
        const arrivalMs = fromMs === undefined ? 0 : (log.get(id) ?? Number.NEGATIVE_INFINITY);
        return outcome === 'acknowledged' && !seen.has(id) && arrivalMs >= dueMs;
      });
      for (const put of lost) {
        yield violation('what was acknowledged is read', put, ...passing(reading, put), { reader, fromMs });
      }
    }
  }
}

function acknowledgedOf(puts: readonly PutEvent[]): Map<string, PutEvent[]> {
  const acknowledged = puts.filter(({ sequenceNumber }) => sequenceNumber !== undefined);
  const shards = Map.groupBy(acknowledged, ({ shardId }) => shardId ?? '');
  for (const some of shards.values()) {
    some.sort((a, b) => (greater(a.sequenceNumber ?? '', b.sequenceNumber ?? '') ? 1 : -1));
  }
  return shards;
}
