import { useEffect, useState } from 'preact/hooks';
import { type PutProgress, type PutWork, putRecords } from './records/put-records.ts';

/** A put into a stream: it goes on whatever screen is shown, until the page is left. */
export interface RunningPut {
  readonly isBusy: boolean;
  readonly progress: PutProgress | undefined;
  /** Records that it is to put; undefined: unknown. */
  readonly total: number | undefined;
  readonly error: Error | undefined;
}

const NOTHING: RunningPut = { isBusy: false, progress: undefined, total: undefined, error: undefined };

/** Streams whose last put is remembered. */
const MAX_STREAMS = 50;

interface Kept {
  state: RunningPut;
  readonly ending: AbortController;
}

const puts = new Map<string, Kept>();
const listeners = new Set<() => void>();

const isAnyBusy = (): boolean => [...puts.values()].some(({ state }) => state.isBusy);

/** The browser asks before it leaves a page that still puts. */
const askBeforeLeaving = (event: BeforeUnloadEvent): void => event.preventDefault();

function tell(kept: Kept, change: Partial<RunningPut>): void {
  kept.state = { ...kept.state, ...change };
  const listen = isAnyBusy() ? addEventListener : removeEventListener;
  listen('beforeunload', askBeforeLeaving);
  for (const listener of listeners) {
    listener();
  }
}

/** Begins to put records. One goes on at a time into each stream. */
function begin(stream: string, work: PutWork): void {
  const kept: Kept = { state: { ...NOTHING, isBusy: true, total: work.total }, ending: new AbortController() };
  puts.delete(stream);
  puts.set(stream, kept);
  const [oldest] = [...puts].find(([, { state }]) => !state.isBusy) ?? [];
  if (puts.size > MAX_STREAMS && oldest !== undefined) {
    puts.delete(oldest);
  }
  const { signal } = kept.ending;
  tell(kept, {});
  putRecords(stream, work, (progress) => tell(kept, { progress }), signal).then(
    () => tell(kept, { isBusy: false }),
    (error: Error) => tell(kept, { isBusy: false, error: signal.aborted ? undefined : error }),
  );
}

/** The last put into a stream, which may have begun when its screen was shown before. */
export function usePut(stream: string): RunningPut & {
  readonly begin: (work: PutWork) => void;
  /** Ends it between two calls, so that it is known what was put. */
  readonly stop: () => void;
} {
  const [, draw] = useState({});
  useEffect(() => {
    const changed = () => draw({});
    listeners.add(changed);
    return () => {
      listeners.delete(changed);
    };
  }, []);
  return {
    ...(puts.get(stream)?.state ?? NOTHING),
    begin: (work) => begin(stream, work),
    stop: () => puts.get(stream)?.ending.abort(),
  };
}
