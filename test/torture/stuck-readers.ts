import { MAX_STALENESS_MS } from './fault-schedule.ts';
import type { HistoryEvent } from './history.ts';
import { greater } from './readings.ts';

/** A reader that gets nothing although there is something that it has to read. */
export interface StuckReader {
  readonly reader: string;
  readonly shardId: string;
  /** The last sequence number that it got; undefined: none yet. */
  readonly after: string | undefined;
  /** The sequence number that it does not get. */
  readonly due: string;
  readonly forMs: number;
}

interface Progress {
  readonly reader: string;
  readonly shardId: string;
  after: string | undefined;
  /** When it last got something, or began. */
  sinceMs: number;
  /** When it has asked since then and got nothing, epoch ms. */
  askedMs: number[];
}

/**
 * How many empty responses a reader gets before it counts as stuck. A reader without responses may just be on an
 * overloaded machine. It still has to finish when all is quiet.
 */
const MIN_ANSWERS = 3;

interface Acknowledgement {
  readonly sequenceNumber: string;
  readonly endMs: number;
}

/**
 * Watches the readers that read one stream from its beginning, while they read. It has to notice a stuck reader before
 * the round has ended, so that the cause can still be examined.
 */
export class StuckReaders {
  readonly #limitMs: number;
  readonly #reading = new Map<string, Progress>();
  readonly #acknowledged = new Map<string, Acknowledgement[]>();

  /** @param limitMs the longest time that a reader may get nothing, whatever goes wrong around it */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  note(event: HistoryEvent): void {
    if (event.kind === 'put' && event.shardId !== undefined && event.sequenceNumber !== undefined) {
      const { shardId, sequenceNumber, endMs } = event;
      const acknowledged = this.#acknowledged.get(shardId) ?? [];
      this.#acknowledged.set(shardId, acknowledged);
      acknowledged.push({ sequenceNumber, endMs });
    } else if (event.kind === 'start' && event.type === 'TRIM_HORIZON') {
      const { reader, shardId, endMs } = event;
      this.#reading.set(`${reader} ${shardId}`, { reader, shardId, after: undefined, sinceMs: endMs, askedMs: [] });
    } else if (event.kind === 'read') {
      const name = `${event.reader} ${event.shardId}`;
      const progress = this.#reading.get(name);
      const last = event.records.at(-1);
      if (event.ended) {
        this.#reading.delete(name);
      } else if (progress !== undefined && last === undefined) {
        progress.askedMs.push(event.startMs);
      } else if (progress !== undefined && last !== undefined) {
        progress.after = last.sequenceNumber;
        progress.sinceMs = event.endMs;
        progress.askedMs = [];
      }
    }
  }

  /** @returns the first reader that has been stuck for too long, if there is one */
  find(nowMs: number): StuckReader | undefined {
    for (const progress of this.#reading.values()) {
      const { reader, shardId, after, sinceMs } = progress;
      const due = nowMs - sinceMs > this.#limitMs ? this.#due(progress, nowMs) : undefined;
      if (due !== undefined) {
        return { reader, shardId, after, due: due.sequenceNumber, forMs: nowMs - Math.max(sinceMs, due.endMs) };
      }
    }
    return undefined;
  }

  /** What a reader should have got long ago, while the responses to it were empty. */
  #due({ shardId, after, sinceMs, askedMs }: Progress, nowMs: number): Acknowledgement | undefined {
    return this.#acknowledged.get(shardId)?.find(({ sequenceNumber, endMs }) => {
      const answers = askedMs.filter((startMs) => startMs > endMs + MAX_STALENESS_MS).length;
      const isLong = nowMs - Math.max(sinceMs, endMs) > this.#limitMs;
      return isLong && answers >= MIN_ANSWERS && greater(sequenceNumber, after ?? '0');
    });
  }
}

/** A sentence for a violation. */
export const stuckInWords = ({ reader, shardId, after, due, forMs }: StuckReader): string =>
  `${reader} is stuck in ${shardId} after ${after ?? 'nothing'}: it has not been given ${due} for ${forMs} ms`;
