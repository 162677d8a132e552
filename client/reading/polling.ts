import { GetRecordsCommand, GetShardIteratorCommand, type _Record as KinesisRecord } from '@aws-sdk/client-kinesis';
import type { Endpoint } from '../endpoint.ts';
import { pause } from '../pause.ts';
import { Turns } from '../turns.ts';
import type { ShardInfo } from './shard-map.ts';
import { reopened, type ShardSource, type ShardStart } from './stream-reader.ts';
import { tipOf } from './tip.ts';

/** The pause at the tip of a shard, ms: a shard allows five reads a second, and each read of a deployed Rivulet costs. */
const PAUSE_MS = { local: 100, deployed: 1_000, aws: 1_000 } as const;

/** The pause after a read that exceeded a limit, ms. */
const THROTTLED_PAUSE_MS = 1_000;

/** Shards that are read at the same time. */
const READS_AT_ONCE = 64;

/**
 * Reads shards by GetRecords.
 * @param readsAtOnce shards that are read at the same time. A shard's turn lasts until its page is taken, so that no more pages than
 *                    that are in memory, however many shards there are
 */
export function polling(endpoint: Endpoint, stream: string, readsAtOnce = READS_AT_ONCE): ShardSource {
  const turns = new Turns(readsAtOnce);
  return {
    async *read(shard, start, stopAtTip, signal) {
      const isUpToTip = tipOf();
      const place = new Place(endpoint, stream, shard, start, signal);
      while (!signal.aborted) {
        const page = yield* pageInTurn(place, turns, signal);
        if (page === undefined) {
          await pause(THROTTLED_PAUSE_MS, signal);
          continue;
        }
        if (page.hasEnded) {
          return true;
        }
        if (stopAtTip && isUpToTip(page)) {
          return false;
        }
        if (page.behindMs === 0) {
          await pause(PAUSE_MS[endpoint.kind], signal);
        }
      }
      return false;
    },
  };
}

/** Reads a page, and gives its records away, in one turn. @returns undefined: try again, unless nobody waits for it any more */
async function* pageInTurn(
  place: Place,
  turns: Turns,
  signal: AbortSignal,
): AsyncGenerator<readonly KinesisRecord[], Page | undefined> {
  const endTurn = await turns.begin();
  try {
    const page = signal.aborted ? undefined : await place.readOn();
    if (page !== undefined) {
      yield page.records;
    }
    return page;
  } finally {
    endTurn();
  }
}

interface Page {
  readonly records: readonly KinesisRecord[];
  readonly behindMs: number;
  /** Whether nothing follows, ever. */
  readonly hasEnded: boolean;
}

/** Where the reading of a shard has come to. */
class Place {
  readonly #endpoint: Endpoint;
  readonly #stream: string;
  readonly #shard: ShardInfo;
  readonly #signal: AbortSignal;
  #from: ShardStart;
  #iterator: string | undefined;

  constructor(endpoint: Endpoint, stream: string, shard: ShardInfo, from: ShardStart, signal: AbortSignal) {
    this.#endpoint = endpoint;
    this.#stream = stream;
    this.#shard = shard;
    this.#from = from;
    this.#signal = signal;
  }

  /** Reads the next page. @returns undefined if the endpoint throttles, the iterator has expired, or the signal has aborted */
  async readOn(): Promise<Page | undefined> {
    try {
      this.#iterator ??= await this.#open();
      const {
        Records = [],
        NextShardIterator,
        MillisBehindLatest = 0,
      } = await this.#endpoint.client.send(new GetRecordsCommand({ ShardIterator: this.#iterator }), {
        abortSignal: this.#signal,
      });
      const sequenceNumber = Records.at(-1)?.SequenceNumber;
      this.#from = sequenceNumber === undefined ? this.#from : { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber };
      this.#iterator = NextShardIterator;
      return { records: Records, behindMs: MillisBehindLatest, hasEnded: NextShardIterator === undefined };
    } catch (error) {
      if (this.#signal.aborted) {
        return undefined;
      }
      if (!PASSING.has((error as Error).name)) {
        throw error;
      }
      if ((error as Error).name === 'ExpiredIteratorException') {
        this.#iterator = undefined;
      }
      return undefined;
    }
  }

  async #open(): Promise<string | undefined> {
    const start = this.#from;
    const more =
      'sequenceNumber' in start
        ? { StartingSequenceNumber: start.sequenceNumber }
        : 'timestamp' in start
          ? { Timestamp: start.timestamp }
          : {};
    const place = { StreamName: this.#stream, ShardId: this.#shard.id, ShardIteratorType: start.type, ...more };
    const { client, clock } = this.#endpoint;
    const { toldMs } = clock;
    const { ShardIterator } = await client.send(new GetShardIteratorCommand(place), { abortSignal: this.#signal });
    // This iterator may expire before a record comes.
    this.#from = reopened(start, toldMs);
    return ShardIterator;
  }
}

/** Faults after which the same read may be tried again. */
const PASSING = new Set([
  'ProvisionedThroughputExceededException',
  'LimitExceededException',
  'ExpiredIteratorException',
]);
