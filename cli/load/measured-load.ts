import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KinesisClient, PutRecordCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { build as buildHistogram, type Histogram } from 'hdr-histogram-js';

/** What a load test puts. */
export interface LoadPlan {
  readonly stream: string;
  /** Records a second. */
  readonly rate: number;
  readonly recordBytes: number;
  /** Records of one call. */
  readonly batch: number;
  readonly durationMs: number;
  readonly keys: number;
}

/** One second of a load test. */
export interface LoadSecond {
  /** Records that the endpoint acknowledged. */
  stored: number;
  throttled: number;
  failed: number;
  /** Records that consumers got. */
  received: number;
  readonly latency: Histogram;
}

/** Calls that may be under way. Beyond, the endpoint is overloaded, and calls are counted as not sent. */
const MAX_IN_FLIGHT = 4_096;

/** The longest latency that is told apart, µs. */
const HIGHEST_US = 600_000_000;

/** A histogram of latencies in µs, to three digits. */
export const newHistogram = (): Histogram =>
  buildHistogram({ lowestDiscernibleValue: 1, highestTrackableValue: HIGHEST_US, numberOfSignificantValueDigits: 3 });

export const recordUs = (histogram: Histogram, ms: number): void =>
  histogram.recordValue(Math.min(HIGHEST_US, Math.max(1, Math.round(ms * 1_000))));

/** Data begins with the number of its record and with the time at which it was due, both as doubles, and with the name of the load. */
const HEADER_BYTES = 24;
const NAME_AT = 16;

/**
 * A load in an open loop: each call has a time at which it is due, whatever became of the calls before it, and its latency counts
 * from then. So a slow endpoint does not slow the load down, and no wait goes unseen (coordinated omission).
 */
export class MeasuredLoad {
  readonly seconds: LoadSecond[] = [];
  readonly latency = newHistogram();
  /** The numbers of the records that were acknowledged. */
  readonly acknowledged = new Set<number>();
  /** No other load has the same: others may put into the stream before, and at the same time. */
  readonly #name = randomBytes(HEADER_BYTES - NAME_AT);
  sent = 0;
  stored = 0;
  throttled = 0;
  failed = 0;
  notSent = 0;
  /** Faults other than throttling, by name, with how many records they hit. */
  readonly faults = new Map<string, number>();
  readonly #client: KinesisClient;
  readonly #plan: LoadPlan;
  /** Epoch ms of the first call, by the monotonic clock. */
  readonly #originMs = performance.timeOrigin;
  #beganMs = 0;
  #inFlight = 0;

  constructor(client: KinesisClient, plan: LoadPlan) {
    this.#client = client;
    this.#plan = plan;
  }

  /** Epoch ms by the monotonic clock. */
  now(): number {
    return this.#originMs + performance.now();
  }

  /** Puts until the time is over or the signal aborts, and waits for what is under way. */
  async run(signal: AbortSignal): Promise<void> {
    const { rate, batch, durationMs } = this.#plan;
    const everyMs = (batch * 1_000) / rate;
    this.#beganMs = this.now();
    const calls = Math.max(1, Math.floor(durationMs / everyMs));
    for (let call = 0; call < calls && !signal.aborted; call++) {
      const dueMs = this.#beganMs + call * everyMs;
      const leftMs = dueMs - this.now();
      if (leftMs > 1) {
        await sleep(leftMs, undefined, { signal }).catch(() => {});
      } else if (call % 64 === 0) {
        // Answers are read in between, however late the load is.
        await new Promise((resolve) => setImmediate(resolve));
      }
      this.#send(dueMs);
    }
    while (this.#inFlight > 0) {
      await sleep(10);
    }
  }

  /** The second of a load test that a time belongs to. */
  second(atMs: number): LoadSecond {
    const index = Math.max(0, Math.floor((atMs - this.#beganMs) / 1_000));
    for (let next = this.seconds.length; next <= index; next++) {
      this.seconds.push({ stored: 0, throttled: 0, failed: 0, received: 0, latency: newHistogram() });
    }
    return this.seconds[index] as LoadSecond;
  }

  #send(dueMs: number): void {
    const { batch } = this.#plan;
    if (this.#inFlight >= MAX_IN_FLIGHT) {
      this.notSent += batch;
      return;
    }
    this.#inFlight += 1;
    const first = this.sent;
    this.sent += batch;
    this.#put(first, dueMs)
      .catch((error: Error) => this.#count(dueMs, batch, error.name))
      .finally(() => {
        this.#inFlight -= 1;
        const latencyMs = this.now() - dueMs;
        recordUs(this.latency, latencyMs);
        recordUs(this.second(dueMs).latency, latencyMs);
      });
  }

  async #put(first: number, dueMs: number): Promise<void> {
    const { stream: StreamName, batch } = this.#plan;
    if (batch === 1) {
      await this.#client.send(new PutRecordCommand({ StreamName, ...this.#record(first, dueMs) }));
      this.#acknowledge(first);
      return;
    }
    const Records = Array.from({ length: batch }, (_, index) => this.#record(first + index, dueMs));
    const output = await this.#client.send(new PutRecordsCommand({ StreamName, Records }));
    for (const [index, { SequenceNumber, ErrorCode }] of (output.Records ?? []).entries()) {
      if (SequenceNumber === undefined) {
        this.#count(dueMs, 1, ErrorCode ?? 'no result');
      } else {
        this.#acknowledge(first + index);
      }
    }
  }

  /** Whether data is of this load. */
  has(data: Buffer): boolean {
    return data.length >= HEADER_BYTES && this.#name.equals(data.subarray(NAME_AT, HEADER_BYTES));
  }

  #record(number: number, dueMs: number): { PartitionKey: string; Data: Buffer } {
    const { recordBytes, keys } = this.#plan;
    const Data = Buffer.alloc(Math.max(HEADER_BYTES, recordBytes), 'rivulet ');
    Data.writeDoubleBE(number, 0);
    Data.writeDoubleBE(dueMs, 8);
    this.#name.copy(Data, NAME_AT);
    return { PartitionKey: `key-${number % keys}`, Data };
  }

  #acknowledge(number: number): void {
    this.acknowledged.add(number);
    this.stored += 1;
    this.second(this.now()).stored += 1;
  }

  #count(dueMs: number, records: number, name: string): void {
    const second = this.second(dueMs);
    if (name === 'ProvisionedThroughputExceededException' || name === 'LimitExceededException') {
      this.throttled += records;
      second.throttled += records;
    } else {
      this.failed += records;
      second.failed += records;
      this.faults.set(name, (this.faults.get(name) ?? 0) + records);
    }
  }
}
