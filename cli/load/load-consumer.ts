import type { Endpoint } from '../../client/endpoint.ts';
import { polling } from '../../client/reading/polling.ts';
import { readStream } from '../../client/reading/stream-reader.ts';
import { type MeasuredLoad, newHistogram, recordUs } from './measured-load.ts';

/** A consumer of a load test: it reads the whole stream, and keeps account of what came. */
export class LoadConsumer {
  /** From the time at which a record was due until the consumer got it. */
  readonly latency = newHistogram();
  readonly #seen = new Set<number>();
  readonly #load: MeasuredLoad;
  duplicates = 0;

  constructor(load: MeasuredLoad) {
    this.#load = load;
  }

  /** Reads what arrives from a time on, until the signal aborts. */
  run(endpoint: Endpoint, stream: string, from: Date, signal: AbortSignal): Promise<void> {
    return readStream({
      endpoint,
      stream,
      start: { type: 'AT_TIMESTAMP', timestamp: from },
      source: polling(endpoint, stream),
      follow: true,
      signal,
      onPage: ({ records }) => {
        for (const { Data } of records) {
          if (Data !== undefined) {
            this.#take(Buffer.from(Data.buffer, Data.byteOffset, Data.length));
          }
        }
      },
    });
  }

  /** The acknowledged records that have not come yet. */
  missing(): number {
    let missing = 0;
    for (const number of this.#load.acknowledged) {
      missing += this.#seen.has(number) ? 0 : 1;
    }
    return missing;
  }

  #take(data: Buffer): void {
    if (!this.#load.has(data)) {
      return;
    }
    const [number, dueMs] = [data.readDoubleBE(0), data.readDoubleBE(8)];
    if (this.#seen.has(number)) {
      this.duplicates += 1;
      return;
    }
    this.#seen.add(number);
    recordUs(this.latency, this.#load.now() - dueMs);
    this.#load.second(this.#load.now()).received += 1;
  }
}
