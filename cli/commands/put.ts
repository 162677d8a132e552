import { randomUUID } from 'node:crypto';
import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { failedAfter, interrupted, usage } from '../../client/failure.ts';
import { BadLine, type FileLine, lineText } from '../../client/records/file-lines.ts';
import type { BatchWriter, OutgoingRecord } from '../../client/writing/batch-writer.ts';
import { streamWriter } from '../../client/writing/stream-writer.ts';
import { readLines } from '../files.ts';
import { untilInterrupted } from '../interruption.ts';
import { wholeNumber } from '../numbers.ts';
import { bytesText, counted, Progress, printJson } from '../output.ts';

interface PutOptions extends EndpointOptions {
  readonly key?: string | undefined;
  readonly file?: string | undefined;
  readonly keyPath?: string | undefined;
  readonly batch: string;
  readonly json?: true | undefined;
}

/** How long a line may wait for others to share its call, ms: standard input may be slow. */
const GATHER_MS = 50;

/** Lines that are gathered before they are put. */
const GATHERED = 5_000;

/** Puts records from arguments, standard input or a file. */
export async function put(stream: string, data: readonly string[], options: PutOptions): Promise<void> {
  checkOptions(data, options);
  const { client, name } = await openEndpoint(options);
  const begunMs = performance.now();
  const seconds = () => (performance.now() - begunMs) / 1_000;
  const totals = { stored: 0, retried: 0, bytes: 0 };
  const writer = streamWriter(client, stream, {
    batch: wholeNumber('--batch', options.batch, 1, 500),
    onPut(stored, failed, bytes) {
      totals.stored += stored;
      totals.retried += failed;
      totals.bytes += bytes;
    },
  });
  const progress = new Progress(
    () =>
      `${counted(totals.stored, 'record')}, ${bytesText(totals.bytes)}, ${Math.round(totals.stored / seconds())}/s, ${totals.retried} put again`,
  );
  try {
    await putLines(writer, data, options);
  } catch (error) {
    const { stored } = totals;
    throw failedAfter(error, name, `${counted(stored, 'record')} ${stored === 1 ? 'is' : 'are'} stored`);
  } finally {
    progress.end();
    client.destroy();
  }
  tell(stream, totals, seconds(), options);
}

function checkOptions(data: readonly string[], { key, keyPath, file, batch }: PutOptions): void {
  wholeNumber('--batch', batch, 1, 500);
  if (key !== undefined && keyPath !== undefined) {
    throw usage('--key and --key-path exclude each other');
  }
  if (data.length > 0 && file !== undefined) {
    throw usage('records are given as arguments or by --file, not both');
  }
}

async function putLines(writer: BatchWriter, data: readonly string[], options: PutOptions): Promise<void> {
  const signal = untilInterrupted();
  const ending = new AbortController();
  const lines = linesOf(data, options.file, AbortSignal.any([signal, ending.signal]));
  try {
    for await (const group of gathered(lines)) {
      await putGroup(writer, group, options);
      if (signal.aborted) {
        throw interrupted();
      }
    }
  } catch (error) {
    throw signal.aborted ? interrupted() : error;
  } finally {
    // Standard input may go on for ever.
    ending.abort();
  }
}

/** What stands before a line that is wrong is put. */
async function putGroup(writer: BatchWriter, lines: readonly FileLine[], options: PutOptions): Promise<void> {
  const records: OutgoingRecord[] = [];
  try {
    for (const line of lines) {
      records.push(recordOf(line, options));
    }
  } finally {
    await writer.write(records);
  }
}

interface Totals {
  readonly stored: number;
  readonly retried: number;
  readonly bytes: number;
}

function tell(stream: string, { stored, retried, bytes }: Totals, seconds: number, { json }: PutOptions): void {
  if (json) {
    printJson({ stream, records: stored, bytes, retried, seconds: Number(seconds.toFixed(3)) });
    return;
  }
  const again = retried > 0 ? `, ${retried} of them again` : '';
  console.log(`${counted(stored, 'record')} (${bytesText(bytes)}) put to ${stream}${again}`);
}

async function* linesOf(
  data: readonly string[],
  file: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<FileLine> {
  if (data.length > 0) {
    yield* data.map((text, index) => ({ bytes: Buffer.from(text), number: index + 1 }));
    return;
  }
  if (file === undefined && process.stdin.isTTY === true) {
    console.error('Each line is a record. Ctrl-D ends.');
  }
  yield* readLines(file, signal);
}

/** The next line, or why there is none. */
type Next = { readonly line: FileLine } | { readonly line: undefined; readonly error?: unknown };

/** Gathers lines that come shortly after each other. Those that stand before an error are given away before it is thrown. */
async function* gathered(lines: AsyncGenerator<FileLine>): AsyncGenerator<FileLine[]> {
  // While a group is put, nobody waits for the next line: that it fails must not be left unheard.
  const nextLine = (): Promise<Next> =>
    lines.next().then(
      ({ done, value }) => ({ line: done ? undefined : value }),
      (error: unknown) => ({ line: undefined, error }),
    );
  let pending = nextLine();
  for (;;) {
    const first = await pending;
    if (first.line === undefined) {
      if ('error' in first) {
        throw first.error;
      }
      return;
    }
    const group = [first.line];
    const untilMs = performance.now() + GATHER_MS;
    pending = nextLine();
    while (group.length < GATHERED) {
      const next = await Promise.race([pending, timeout(untilMs - performance.now())]);
      if (next?.line === undefined) {
        break;
      }
      group.push(next.line);
      pending = nextLine();
    }
    yield group;
  }
}

const timeout = (ms: number): Promise<undefined> =>
  new Promise((resolve) => {
    setTimeout(() => resolve(undefined), Math.max(0, ms));
  });

function recordOf(line: FileLine, { key, keyPath }: PutOptions): OutgoingRecord {
  const partitionKey = keyPath === undefined ? (key ?? randomUUID()) : keyAt(line, keyPath);
  return { partitionKey, data: line.bytes };
}

/** Follows a path such as `user.id` or `$.items.0.id`. */
function keyAt(line: FileLine, keyPath: string): string {
  const text = lineText(line);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadLine(line, `is no JSON, so it has no ${keyPath}`);
  }
  for (const name of keyPath.replace(/^\$\.?/, '').split('.')) {
    value =
      typeof value === 'object' && value !== null && Object.hasOwn(value, name)
        ? (value as Record<string, unknown>)[name]
        : undefined;
  }
  if ((typeof value !== 'string' && typeof value !== 'number') || value === '') {
    throw new BadLine(line, `has no text or number at ${keyPath}`);
  }
  return String(value);
}
