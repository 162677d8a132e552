import type { ShardReader } from './consumer.ts';
import { subscribe } from './event-stream-client.ts';
import type { StartEvent } from './history.ts';
import type { ClientTools, StreamUnderTest } from './producer.ts';
import { type Page, ReadNotes, told } from './read-notes.ts';

interface SubscriptionEvent extends Omit<Page, 'NextShardIterator'> {
  readonly ContinuationSequenceNumber?: string;
}

/** How many empty events in a row are the tip, and not just a moment between two records. */
const EMPTY_EVENTS_AT_TIP = 2;

/** Reads one shard by subscriptions, one after the other, and notes what it gets. */
export class ShardSubscriber implements ShardReader {
  readonly shardId: string;
  children: NonNullable<Page['ChildShards']> = [];
  ended = false;
  readonly #reader: string;
  readonly #stream: StreamUnderTest;
  readonly #tools: ClientTools;
  readonly #notes: ReadNotes;
  #start: Pick<StartEvent, 'type'> = { type: 'TRIM_HORIZON' };
  #consumerArn: string | undefined;
  #events: AsyncGenerator<unknown, void> | undefined;
  #continuation: string | undefined;
  #emptyEvents = 0;

  constructor(reader: string, shardId: string, stream: StreamUnderTest, tools: ClientTools) {
    this.#notes = new ReadNotes(tools);
    this.#reader = reader;
    this.shardId = shardId;
    this.#stream = stream;
    this.#tools = tools;
  }

  async begin(start: Pick<StartEvent, 'type'>): Promise<boolean> {
    const startMs = Date.now();
    this.#start = start;
    this.#consumerArn = await this.#registered();
    if (this.#consumerArn === undefined || !(await this.#subscribe())) {
      return false;
    }
    const { label: stream } = this.#stream;
    const { shardId } = this;
    this.#tools.note({ kind: 'start', stream, reader: this.#reader, shardId, ...start, startMs, endMs: Date.now() });
    return true;
  }

  async read(): Promise<'tip' | 'more' | undefined> {
    if (this.#events === undefined && !(await this.#subscribe())) {
      return undefined;
    }
    const startMs = Date.now();
    const event = (await this.#events?.next())?.value as SubscriptionEvent | undefined;
    if (event === undefined) {
      // The subscription has expired, or something went wrong. The next subscription continues where this one has
      // ended.
      this.#events = undefined;
      return undefined;
    }
    this.#continuation = event.ContinuationSequenceNumber;
    this.ended = event.ContinuationSequenceNumber === undefined;
    this.children = event.ChildShards ?? [];
    this.#emptyEvents = event.Records.length === 0 ? this.#emptyEvents + 1 : 0;
    const { label: stream } = this.#stream;
    const { shardId, ended } = this;
    this.#notes.add({ stream, reader: this.#reader, shardId, startMs, ended, pushed: true, ...told(event) });
    return this.#emptyEvents >= EMPTY_EVENTS_AT_TIP && event.MillisBehindLatest === 0 ? 'tip' : 'more';
  }

  async leave(): Promise<void> {
    await this.#events?.return();
  }

  async #registered(): Promise<string | undefined> {
    const { name } = this.#stream;
    const StreamARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;
    const address = { StreamARN, ConsumerName: this.#reader };
    const { api } = this.#tools;
    const described = await api.ok('DescribeStreamConsumer', address);
    if (described === undefined) {
      await api.ok('RegisterStreamConsumer', address);
      return undefined;
    }
    const { ConsumerARN, ConsumerStatus } = described.ConsumerDescription;
    return ConsumerStatus === 'ACTIVE' ? ConsumerARN : undefined;
  }

  async #subscribe(): Promise<boolean> {
    const StartingPosition =
      this.#continuation === undefined
        ? { Type: this.#start.type }
        : { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: this.#continuation };
    const { api } = this.#tools;
    const call = { stream: this.#stream.name, action: 'SubscribeToShard', startMs: Date.now() };
    const endpoint = api.anyEndpoint();
    this.#events = await subscribe(
      endpoint,
      { ConsumerARN: this.#consumerArn, ShardId: this.shardId, StartingPosition },
      (status, body) => api.noteRefusals({ ...call, endpoint }, { status, body }),
    );
    return this.#events !== undefined;
  }
}
