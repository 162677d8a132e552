import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { listStreams } from '../../console/page/kinesis.ts';

const STREAMS = Array.from({ length: 1_000 }, (_, index) => `stream-${`${index}`.padStart(4, '0')}`);

/** An endpoint with many streams, which refuses calls as it is told. */
function endpointThat(refuses: (call: number) => string | undefined) {
  let calls = 0;
  return async (_url: string, { body }: { body: string }) => {
    calls += 1;
    const __type = refuses(calls);
    if (__type !== undefined) {
      return Response.json({ __type, message: 'refused' }, { status: 400 });
    }
    const { ExclusiveStartStreamName = '' } = JSON.parse(body) as { ExclusiveStartStreamName?: string };
    const StreamNames = STREAMS.filter((name) => name > ExclusiveStartStreamName).slice(0, 100);
    return Response.json({ StreamNames, HasMoreStreams: StreamNames.at(-1) !== STREAMS.at(-1) });
  };
}

/** The outcome of a list, whose pauses are over at once. */
async function listed(fetch: ReturnType<typeof endpointThat>) {
  vi.stubGlobal('fetch', fetch);
  const outcome = listStreams().then(
    (streams) => streams.map(({ StreamName }) => StreamName),
    (error: { code: string }) => error.code,
  );
  await vi.runAllTimersAsync();
  return outcome;
}

describe('the list of streams', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it('is whole although the endpoint allows few calls a second', async () => {
    expect(await listed(endpointThat((call) => (call % 3 === 0 ? 'LimitExceededException' : undefined)))).toEqual(
      STREAMS,
    );
  });

  it('tells of a limit that does not pass, and of other errors at once', async () => {
    let refused = 0;
    const always = (code: string) =>
      endpointThat(() => {
        refused += 1;
        return code;
      });

    expect(await listed(always('LimitExceededException'))).toBe('LimitExceededException');
    expect(refused).toBe(5);
    expect(await listed(always('AccessDeniedException'))).toBe('AccessDeniedException');
    expect(refused).toBe(6);
  });
});
