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

/** Decides whether Kinesis could have had a history. @param terms the terms of its round */
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

/** Checks the promises about one stream. */
class StreamCheck {
  readonly #terms: RoundTerms;
  readonly #puts: PutEvent[];
  readonly #attempts: ReadonlyMap<string, PutEvent>;
  readonly #readings: Reading[];
  readonly #finished: FinishedEvent[];
  readonly #shards: ReadonlyMap<string, ShardEvent>;
  /** The acknowledged puts of each shard, in the order of their sequence numbers. */
  readonly #acknowledged: ReadonlyMap<string, readonly PutEvent[]>;
  readonly #wrong: Violation[];
  /**
   * Each shard's records, as the first finished reader read them that began at the beginning of the stream; undefined
   * if there is none.
   */
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

  /** Sequence numbers are unique, and greater than the `SequenceNumberForOrdering` of their put. */
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

  /** The acknowledged records of a key have ascending sequence numbers, also across reshards. */
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

  /** If a put was acknowledged before another put of its shard began, it has the lower sequence number. */
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

  /** A reader gets the records of a shard in the order of their sequence numbers. */
  *#order(reading: Reading): Generator<Violation> {
    let before: SeenRecord | undefined;
    for (const record of recordsOf(reading)) {
      if (before !== undefined && !greater(record.sequenceNumber, before.sequenceNumber)) {
        yield violation('a reader is given a shard in sequence order', place(reading), before, record);
      }
      before = record;
    }
  }

  /** A record that is read was put, is intact, and has the shard and sequence number that were acknowledged. */
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

  /**
   * A reader gets each attempt at most once. It gets the acknowledged records of a key in their order, also across
   * reshards.
   */
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

  /** A reader begins where it asked to begin. From there on, it gets every record of the log. */
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

  /** A reader that gets the end of a shard, but no record, has begun after the last record. */
  *#emptyEnd(reading: Reading, log: readonly SeenRecord[]): Generator<Violation> {
    const [start] = reading.starts;
    const hasEnded = reading.reads.at(-1)?.ended === true;
    if (this.#log !== undefined && hasEnded && start !== undefined && !this.#begins(start, log, log.length)) {
      yield violation('a shard ends when all of it is read', start, { due: log.at(-1) });
    }
  }

  /** Whether a reader with this start has to begin at the index `from` of the log. */
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

  /** Every finished reader has read all acknowledged records, from the time on at which it began. */
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
