import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { pause } from '../../../client/pause.ts';
import { streamAddress } from '../address.ts';
import { call, chosenRegion } from '../api.ts';
import { describeStream } from '../kinesis.ts';
import { toBase64 } from '../model/base64.ts';
import { rivuletOptions } from '../model/snippets.ts';
import { Code } from '../parts/copy.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import { useSession } from '../session.ts';
import { useAction } from '../use.ts';

const NAME = 'example';

/** How long a new stream is waited for, and how often it is looked at, ms. */
const PATIENCE_MS = 120_000;
const LOOK_MS = 200;

/** What a region without streams shows: how the first record appears, by hand or at once. */
export function FirstStream({ onBegin }: { onBegin: (isBeginning: boolean) => void }) {
  const { about, isReadOnly } = useSession();
  const { route } = useLocation();
  const { isBusy, error, run } = useAction();
  const at = rivuletOptions(about, chosenRegion());
  const ending = useRef(new AbortController());
  useEffect(() => () => ending.current.abort(), []);
  const { signal } = ending.current;
  const begin = () =>
    run(async () => {
      onBegin(true);
      try {
        await putFirst(signal);
        route(`${streamAddress(NAME, 'records')}?start=TRIM_HORIZON`);
      } catch (problem) {
        if (!signal.aborted) {
          onBegin(false);
          throw problem;
        }
      }
    });
  return (
    <div class="notice empty first">
      <h2>There is no stream in {about.region} yet</h2>
      <p>These three lines make the first record appear:</p>
      <Code
        code={[
          `npx rivulet streams create ${NAME} --shards 1${at}`,
          `npx rivulet put ${NAME} hello${at}`,
          `npx rivulet tail ${NAME} --since 10m${at}`,
        ].join('\n')}
      />
      <p>
        <button type="button" class="main" disabled={isReadOnly || isBusy} onClick={begin}>
          {isBusy ? 'Creating…' : 'Or do it here'}
        </button>
      </p>
      {error && <ErrorNotice error={error} />}
    </div>
  );
}

/** @param signal aborts when the screen is left: then nothing more is done, and the user stays where they went */
async function putFirst(signal: AbortSignal): Promise<void> {
  await call('CreateStream', { StreamName: NAME, ShardCount: 1 }, signal);
  const end = Date.now() + PATIENCE_MS;
  while ((await describeStream(NAME, signal)).StreamStatus !== 'ACTIVE') {
    if (Date.now() > end) {
      throw new Error(`${NAME} has not become active for two minutes`);
    }
    await pause(LOOK_MS, signal);
  }
  const Data = toBase64(new TextEncoder().encode('{"hello":"world"}'));
  await call('PutRecords', { StreamName: NAME, Records: [{ PartitionKey: 'first', Data }] }, signal);
  signal.throwIfAborted();
}
