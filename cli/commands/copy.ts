import { readFile, rename, writeFile } from 'node:fs/promises';
import { tellCopyingCost } from '../../client/cost-notice.ts';
import { type Endpoint, openEndpoint } from '../../client/endpoint.ts';
import { Failure, failedAfter, interrupted } from '../../client/failure.ts';
import { polling } from '../../client/reading/polling.ts';
import { listShards } from '../../client/reading/shard-map.ts';
import { parseSince, type Start } from '../../client/reading/start.ts';
import { readStream, type ShardProgress } from '../../client/reading/stream-reader.ts';
import { outgoing } from '../../client/records/stored-record.ts';
import { streamWriter } from '../../client/writing/stream-writer.ts';
import { untilInterrupted } from '../interruption.ts';
import { counted, Progress } from '../output.ts';
import { describeSummary } from './streams.ts';

interface CopyOptions {
  readonly fromEndpoint?: string | undefined;
  readonly fromProfile?: string | undefined;
  readonly fromRegion?: string | undefined;
  readonly toEndpoint?: string | undefined;
  readonly toProfile?: string | undefined;
  readonly toRegion?: string | undefined;
  readonly since: string;
  readonly follow?: true | undefined;
  readonly checkpoint?: string | undefined;
}

/** How often the checkpoint is written, ms: records since then are copied again after a crash. */
const CHECKPOINT_EVERY_MS = 1_000;

/** Copies the records of a stream to another one. */
export async function copy(from: string, to: string, options: CopyOptions): Promise<void> {
  const { fromEndpoint, fromProfile, fromRegion, toEndpoint, toProfile, toRegion, since, follow, checkpoint } = options;
  const source = await openEndpoint({ endpoint: fromEndpoint, profile: fromProfile, region: fromRegion });
  const target = await openEndpoint({ endpoint: toEndpoint, profile: toProfile, region: toRegion });
  if (from === to && source.name === target.name && source.region === target.region) {
    throw new Failure('a stream cannot be copied to itself');
  }
  const open = (await listShards(source.client, from)).filter(({ isClosed }) => !isClosed).length;
  await describeSummary(target.client, to);
  const state = await checkpointOf(source, from, checkpoint);
  state.start ??= fixed(parseSince(since, source.clock.toldMs), source.clock.toldMs);
  tellCopyingCost(source, target, open);
  const signal = untilInterrupted();
  let copied = 0;
  const writer = streamWriter(target.client, to, {
    onPut: (stored) => {
      copied += stored;
    },
  });
  const progress = new Progress(() => `${counted(copied, 'record')} copied`);
  const saving = setInterval(() => state.save().catch(() => {}), CHECKPOINT_EVERY_MS);
  try {
    await readStream({
      endpoint: source,
      stream: from,
      start: state.start,
      source: polling(source, from),
      follow: follow === true,
      signal,
      progress: state.progress,
      onPage: ({ shard, records }) => writer.write(records.map((record) => outgoing(record, shard))),
    });
  } catch (error) {
    const either = `${source.name} or ${target.name}`;
    throw failedAfter(error, either, `${counted(copied, 'record')} copied${goOn(checkpoint)}`);
  } finally {
    clearInterval(saving);
    progress.end();
    await state.save();
    source.client.destroy();
    target.client.destroy();
  }
  if (signal.aborted) {
    console.error(`${counted(copied, 'record')} copied${goOn(checkpoint)}`);
    throw interrupted();
  }
  console.log(`${counted(copied, 'record')} of ${from} copied to ${to}`);
}

const goOn = (checkpoint: string | undefined): string =>
  checkpoint === undefined ? '' : `; the same command goes on from ${checkpoint}`;

/** A start that means the same when the copy goes on later. */
const fixed = (start: Start, nowMs = Date.now()): Start =>
  start.type === 'LATEST' ? { type: 'AT_TIMESTAMP', timestamp: new Date(nowMs) } : start;

/** @throws Failure for a file that is no checkpoint of the stream that is there now */
async function checkpointOf(source: Endpoint, stream: string, file: string | undefined): Promise<Checkpoint> {
  const from = `${source.name} ${source.region} ${stream}`;
  if (file === undefined) {
    return new Checkpoint(undefined, { from, created: undefined });
  }
  const { StreamCreationTimestamp } = await describeSummary(source.client, stream);
  return Checkpoint.open(file, { from, created: StreamCreationTimestamp?.toISOString() });
}

/** The stream that a checkpoint is of. One that was deleted and created anew is another one. */
interface Place {
  readonly from: string;
  /** Undefined: the endpoint does not say. */
  readonly created: string | undefined;
}

interface StoredCheckpoint {
  readonly from: string;
  /** Not there in files of version 0.2. */
  readonly created?: string;
  readonly start: { readonly type: Start['type']; readonly timestamp?: string };
  readonly shards: Record<string, ShardProgress>;
}

/** How far a copy came. */
class Checkpoint {
  start: Start | undefined;
  readonly progress = new Map<string, ShardProgress>();
  readonly #file: string | undefined;
  readonly #place: Place;
  #saving: Promise<void> = Promise.resolve();

  constructor(file: string | undefined, place: Place) {
    this.#file = file;
    this.#place = place;
  }

  /** @throws Failure for a file that is none, or one of another stream */
  static async open(file: string, place: Place): Promise<Checkpoint> {
    const checkpoint = new Checkpoint(file, place);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return checkpoint;
      }
      throw new Failure(`the checkpoint ${file} cannot be read: ${(error as Error).message}`);
    }
    const stored = parsed(text, file);
    if (stored.from !== place.from) {
      throw new Failure(
        `the checkpoint ${file} is of another stream (${stored.from}): choose another file, or remove it`,
      );
    }
    if (stored.created !== undefined && stored.created !== place.created) {
      throw new Failure(
        `the checkpoint ${file} is of a stream of this name that was created ${stored.created}: choose another file, or remove it`,
      );
    }
    const { type, timestamp } = stored.start;
    checkpoint.start = type === 'AT_TIMESTAMP' ? { type, timestamp: new Date(timestamp ?? 0) } : { type };
    for (const [shard, progress] of Object.entries(stored.shards)) {
      checkpoint.progress.set(shard, progress);
    }
    return checkpoint;
  }

  /** Writes the file in one step: a crash leaves the old one or the new one. */
  save(): Promise<void> {
    const file = this.#file;
    if (file === undefined || this.progress.size === 0) {
      return Promise.resolve();
    }
    const stored = { ...this.#place, start: this.start, shards: Object.fromEntries(this.progress) };
    this.#saving = this.#saving
      .catch(() => {})
      .then(async () => {
        await writeFile(`${file}.new`, `${JSON.stringify(stored, undefined, 1)}\n`, { mode: 0o600 });
        await rename(`${file}.new`, file);
      });
    return this.#saving;
  }
}

function parsed(text: string, file: string): StoredCheckpoint {
  try {
    const stored = JSON.parse(text);
    if (
      typeof stored.from === 'string' &&
      typeof stored.start?.type === 'string' &&
      typeof stored.shards === 'object'
    ) {
      return stored;
    }
  } catch {
    // Told below, like JSON of another kind.
  }
  throw new Failure(`${file} is no checkpoint of rivulet copy: choose another file, or remove it`);
}
