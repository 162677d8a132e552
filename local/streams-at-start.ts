import type { Environment } from '../lib/configuration.ts';
import { type Configuration, readConfiguration } from '../lib/configuration.ts';
import { createDeps } from '../lib/create-deps.ts';
import type { Deps, FaultLog, Workflows } from '../lib/deps.ts';
import { KinesisFault } from '../lib/faults.ts';
import { createStream } from '../lib/operations/streams/create-stream.ts';
import type { Tables } from '../lib/store/tables.ts';
import { advance } from '../lib/workflows/advance.ts';
import { executionOf } from '../lib/workflows/execution.ts';

/** A stream that a server has from its start. */
export interface StreamAtStart {
  readonly name: string;
  /** Its open shards; or `on-demand`, as many as a new on-demand stream has. */
  readonly shards: number | 'on-demand';
}

/** Kinesis' rule for names of streams. */
const NAME = /^[a-zA-Z0-9_.-]{1,128}$/;

/** The most steps that creating a stream takes: 500 shards a step. */
const MAX_STEPS = 1_000;

/**
 * Reads `orders:4,clicks:on-demand,events`: a stream without a number has one shard.
 * @throws Error with a sentence that names the part that is wrong
 */
export function parseStreamsAtStart(text: string): StreamAtStart[] {
  const streams = text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => {
      const [name = '', shards = '1', ...more] = part.split(':');
      if (!NAME.test(name) || more.length > 0 || !/^([1-9]\d{0,5}|on-demand)$/.test(shards)) {
        throw new Error(`STREAMS must list streams such as orders:4,clicks:on-demand, and '${part}' is none`);
      }
      return { name, shards: shards === 'on-demand' ? shards : Number(shards) } as const;
    });
  const twice = streams.find(({ name }, index) => streams.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined) {
    throw new Error(`STREAMS names ${twice.name} twice`);
  }
  return streams;
}

/** What creating the streams of a server needs. */
export interface StartingPlace {
  readonly environment: Environment;
  readonly tables: Tables;
  readonly log: FaultLog;
  readonly now: () => number;
}

/**
 * Creates the streams that are not there. They are ACTIVE when it resolves: the steps of their creation are taken at once, one
 * after the other.
 * @throws Error for a stream that the limits do not allow
 */
export async function createStreamsAtStart(streams: readonly StreamAtStart[], place: StartingPlace): Promise<void> {
  if (streams.length === 0) {
    return;
  }
  const deps = depsAtStart(readConfiguration(place.environment), place);
  for (const { name, shards } of streams) {
    const capacity =
      shards === 'on-demand' ? ({ StreamModeDetails: { StreamMode: 'ON_DEMAND' } } as const) : { ShardCount: shards };
    try {
      await createStream.handle({ StreamName: name, ...capacity }, deps);
    } catch (error) {
      if (!(error instanceof KinesisFault && error.code === 'ResourceInUseException')) {
        throw new Error(`the stream ${name} of STREAMS could not be created: ${(error as Error).message}`, {
          cause: error,
        });
      }
    }
  }
}

function depsAtStart(configuration: Configuration, { tables, log, now }: StartingPlace): Deps {
  const workflows: Workflows = {
    async start(stream, run) {
      let { task } = executionOf(stream, run, now());
      for (let steps = 0; steps < MAX_STEPS; steps++) {
        const { done, ...next } = await advance(task, deps);
        if (done) {
          return;
        }
        task = next;
      }
    },
  };
  const deps: Deps = createDeps({ ...configuration, transitionMs: 0 }, { tables, workflows, log, now });
  return deps;
}
