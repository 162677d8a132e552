import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { failedAfter, interrupted } from '../../client/failure.ts';
import { parseStored } from '../../client/records/stored-record.ts';
import type { OutgoingRecord } from '../../client/writing/batch-writer.ts';
import { streamWriter } from '../../client/writing/stream-writer.ts';
import { readLines } from '../files.ts';
import { untilInterrupted } from '../interruption.ts';
import { wholeNumber } from '../numbers.ts';
import { counted, Progress } from '../output.ts';

interface ImportOptions extends EndpointOptions {
  readonly file?: string | undefined;
  readonly skip: string;
}

/** Lines that are put together: what an interruption may have stored only in part. */
const GROUP_RECORDS = 5_000;
const GROUP_BYTES = 16 * 1024 * 1024;

/** Puts the records of a file, in the order of its lines for each partition key. */
export async function importStream(stream: string, { file, skip, ...where }: ImportOptions): Promise<void> {
  const skipped = wholeNumber('--skip', skip, 0);
  const { client, name } = await openEndpoint(where);
  const writer = streamWriter(client, stream);
  const signal = untilInterrupted();
  let imported = 0;
  let lastLine = skipped;
  const progress = new Progress(() => `${counted(imported, 'record')} imported`);
  const flush = async (group: OutgoingRecord[], number: number) => {
    await writer.write(group);
    imported += group.length;
    lastLine = number;
  };
  try {
    for await (const { records, number } of groups(file, skipped, signal)) {
      await flush(records, number);
      if (signal.aborted) {
        throw interrupted();
      }
    }
  } catch (error) {
    throw failedAfter(error, name, `${counted(imported, 'record')} imported; --skip ${lastLine} goes on from there`);
  } finally {
    progress.end();
    client.destroy();
  }
  console.log(`${counted(imported, 'record')} imported to ${stream}. Arrival times and sequence numbers are new`);
}

/** Groups of lines. A line that is no record, or cannot be read, ends them after all that stand before it. */
async function* groups(
  file: string | undefined,
  skipped: number,
  signal: AbortSignal,
): AsyncGenerator<{ readonly records: OutgoingRecord[]; readonly number: number }> {
  let records: OutgoingRecord[] = [];
  let bytes = 0;
  let last = skipped;
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const line of readLines(file, signal)) {
      if (line.number <= skipped) {
        continue;
      }
      const record = parseStored(line);
      records.push(record);
      bytes += record.data.length;
      last = line.number;
      if (records.length >= GROUP_RECORDS || bytes >= GROUP_BYTES) {
        yield { records, number: last };
        records = [];
        bytes = 0;
      }
    }
  } catch (error) {
    failure = { error: signal.aborted ? interrupted() : error };
  }
  yield { records, number: last };
  if (failure !== undefined) {
    throw failure.error;
  }
}
