import { newSecond, type ShardReader, type ShardTraffic, type TrafficSecond } from '../console/wire.ts';
import type { Subject } from '../functions/middleware/call-line.ts';
import type { CallCounter } from '../functions/middleware/count-calls.ts';
import {
  type CompletedCall,
  isThrottled,
  type MetricValue,
  shardMetrics,
  streamMetrics,
} from '../functions/observation.ts';
import type { PushedEvent } from '../lib/deps.ts';
import type { CapacityMeter } from '../lib/store/tables.ts';

/** How long seconds are kept. */
const KEPT_SECONDS = 300;

/** What rates are of. */
const RATE_SECONDS = 60;

/** Streams with counters of their own: what was counted longest ago is forgotten first. */
const MAX_STREAMS = 500;

/** Shards with counters of their own, of one stream. */
const MAX_SHARDS = 2_000;

type Counters = { -readonly [K in keyof TrafficSecond]: TrafficSecond[K] };

/** Seconds with traffic. Those that are too old are forgotten with the next one. */
class Seconds {
  #kept: Counters[] = [];

  at(second: number): Counters {
    const last = this.#kept.at(-1);
    if (last !== undefined && last.at >= second) {
      // A clock that a test has turned back counts on.
      return last;
    }
    const next = newSecond(second);
    this.#kept.push(next);
    if ((this.#kept[0]?.at ?? second) <= second - KEPT_SECONDS) {
      this.#kept = this.#kept.filter(({ at }) => at > second - KEPT_SECONDS);
    }
    return next;
  }

  since(second: number): readonly TrafficSecond[] {
    return this.#kept.filter(({ at }) => at > second);
  }
}

/** Registered consumers of one shard: a stream has no more of them, and those who poll. */
const MAX_READERS = 60;

/** What a shard got and gave, and how far its readers were behind. */
class ShardCounters {
  readonly seconds = new Seconds();
  readonly #readers = new Map<string, ShardReader>();

  get readers(): ShardReader[] {
    return [...this.#readers.values()];
  }

  read(consumer: string | undefined, behindMs: number, at: number): void {
    const reader = touched(this.#readers, consumer ?? '', MAX_READERS, () => ({ consumer, behindMs, at }));
    Object.assign(reader, { behindMs, at });
  }
}

class StreamCounters {
  readonly seconds = new Seconds();
  readonly shards = new Map<string, ShardCounters>();
}

/** Takes the value of a key to the newest end of a map, and forgets the oldest one above the limit. */
function touched<V>(map: Map<string, V>, key: string, limit: number, create: () => V): V {
  const value = map.get(key) ?? create();
  map.delete(key);
  map.set(key, value);
  if (map.size > limit) {
    map.delete(map.keys().next().value as string);
  }
  return value;
}

/** Counts what one region of a local server does, second by second, in a bounded memory. It keeps no data and no keys. */
export class TrafficCounters implements CallCounter {
  readonly #now: () => number;
  readonly #all = new Seconds();
  readonly #streams = new Map<string, StreamCounters>();

  /** @param now epoch ms */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  readonly meter: CapacityMeter = (_command, { read, write }) => {
    const second = this.#all.at(this.#second());
    second.dynamodbCalls += 1;
    second.readUnits += read;
    second.writeUnits += write;
  };

  count(call: CompletedCall, { streamName, readShard }: Subject): void {
    const metrics = streamMetrics(call);
    // A name without a stream, which any client can invent, must not take the place of one.
    const isKnown = call.fault === undefined || isThrottled(call);
    this.#add(isKnown ? streamName : undefined, (second) => {
      second.calls += 1;
      second.latencyMs += call.latencyMs;
      second.maxLatencyMs = Math.max(second.maxLatencyMs, call.latencyMs);
      second.throttled += isThrottled(call) ? 1 : 0;
      addTraffic(second, metrics);
    });
    if (streamName !== undefined && call.fault === undefined && metrics.length > 0) {
      for (const [shard, values] of shardMetrics(call, readShard)) {
        const counters = this.#shard(streamName, shard);
        addTraffic(counters.seconds.at(this.#second()), values);
        const behindMs = behindOf(call);
        if (behindMs !== undefined) {
          counters.read(undefined, behindMs, this.#now());
        }
      }
    }
  }

  /** Counts an event of a subscription. */
  readonly pushed = ({ streamName, consumerName, shard, records, bytes, behindMs }: PushedEvent): void => {
    const add = (second: Counters) => {
      second.recordsOut += records;
      second.bytesOut += bytes;
      second.behindMs = Math.max(second.behindMs ?? 0, behindMs);
    };
    this.#add(streamName, add);
    const counters = this.#shard(streamName, shard);
    add(counters.seconds.at(this.#second()));
    counters.read(consumerName, behindMs, this.#now());
  };

  /** The seconds of a stream that had any traffic, or those of all streams together; only these have what DynamoDB did. */
  seconds(streamName?: string): readonly TrafficSecond[] {
    const seconds = streamName === undefined ? this.#all : this.#streams.get(streamName)?.seconds;
    return seconds?.since(this.#second() - KEPT_SECONDS) ?? [];
  }

  /** The shards of a stream that had any traffic: in the last minute, and who has read them while seconds are kept. */
  shards(streamName: string): ShardTraffic[] {
    const since = this.#second() - RATE_SECONDS;
    const readSince = this.#now() - KEPT_SECONDS * 1_000;
    return [...(this.#streams.get(streamName)?.shards ?? [])].map(([shard, { seconds, readers }]) => {
      const recent = seconds.since(since);
      return {
        shard,
        recordsIn: sum(recent, 'recordsIn'),
        bytesIn: sum(recent, 'bytesIn'),
        recordsOut: sum(recent, 'recordsOut'),
        readers: readers.filter(({ at }) => at > readSince),
      };
    });
  }

  /** The records that each stream got in each second of the last minute, and how often it refused for a limit. */
  rates(): Record<string, { recordsIn: number[]; throttled: number }> {
    const now = this.#second();
    return Object.fromEntries(
      [...this.#streams].map(([name, { seconds }]) => {
        const recent = seconds.since(now - RATE_SECONDS);
        const recordsIn = new Array<number>(RATE_SECONDS).fill(0);
        // After a test has turned the clock back, some are of a time to come.
        for (const second of recent.filter(({ at }) => at <= now)) {
          recordsIn[second.at - (now - RATE_SECONDS) - 1] = second.recordsIn;
        }
        return [name, { recordsIn, throttled: sum(recent, 'throttled') }];
      }),
    );
  }

  #second(): number {
    return Math.floor(this.#now() / 1_000);
  }

  #add(streamName: string | undefined, add: (second: Counters) => void): void {
    const second = this.#second();
    add(this.#all.at(second));
    if (streamName !== undefined) {
      add(this.#stream(streamName).seconds.at(second));
    }
  }

  #stream(name: string): StreamCounters {
    return touched(this.#streams, name, MAX_STREAMS, () => new StreamCounters());
  }

  #shard(streamName: string, shard: string): ShardCounters {
    return touched(this.#stream(streamName).shards, shard, MAX_SHARDS, () => new ShardCounters());
  }
}

/** Adds metrics to a second, by the names that Kinesis has for them. */
function addTraffic(second: Counters, metrics: readonly MetricValue[]): void {
  const value = (...names: string[]) => names.reduce((total, name) => total + (metricOf(metrics, name) ?? 0), 0);
  second.recordsIn += value('IncomingRecords');
  second.bytesIn += value('IncomingBytes');
  second.recordsOut += value('GetRecords.Records', 'OutgoingRecords');
  second.bytesOut += value('GetRecords.Bytes', 'OutgoingBytes');
  const behindMs =
    metricOf(metrics, 'GetRecords.IteratorAgeMilliseconds') ?? metricOf(metrics, 'IteratorAgeMilliseconds');
  if (behindMs !== undefined) {
    second.behindMs = Math.max(second.behindMs ?? 0, behindMs);
  }
}

/** How far a read was behind the tip, ms. The age of its last record says more of the record than of the reader. */
const behindOf = ({ output }: CompletedCall): number | undefined =>
  (output as { readonly MillisBehindLatest?: number } | undefined)?.MillisBehindLatest;

const metricOf = (metrics: readonly MetricValue[], wanted: string): number | undefined =>
  metrics.find(({ name }) => name === wanted)?.value;

const sum = (seconds: readonly TrafficSecond[], name: 'recordsIn' | 'bytesIn' | 'recordsOut' | 'throttled'): number =>
  seconds.reduce((total, second) => total + second[name], 0);
