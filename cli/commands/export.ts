import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { interrupted } from '../../client/failure.ts';
import { polling } from '../../client/reading/polling.ts';
import { parseSince } from '../../client/reading/start.ts';
import { readStream } from '../../client/reading/stream-reader.ts';
import { formatStored } from '../../client/records/stored-record.ts';
import { openLines } from '../files.ts';
import { untilInterrupted } from '../interruption.ts';
import { counted, Progress } from '../output.ts';

interface ExportOptions extends EndpointOptions {
  readonly file?: string | undefined;
  readonly since: string;
  readonly force?: true | undefined;
}

/** Writes everything that has arrived so far to a file. */
export async function exportStream(stream: string, { file, since, force, ...where }: ExportOptions): Promise<void> {
  const start = parseSince(since);
  const endpoint = await openEndpoint(where);
  const output = await openLines(file, force === true);
  const signal = untilInterrupted();
  let records = 0;
  const progress = new Progress(() => `${counted(records, 'record')} exported`);
  try {
    await readStream({
      endpoint,
      stream,
      start,
      source: polling(endpoint, stream),
      follow: false,
      signal,
      async onPage(page) {
        await output.write(page.records.map((record) => formatStored(record, page.shard)));
        records += page.records.length;
      },
    });
  } finally {
    progress.end();
    await output.end();
    endpoint.client.destroy();
  }
  if (signal.aborted) {
    throw interrupted();
  }
  console.error(`${counted(records, 'record')} of ${stream} exported${file === undefined ? '' : ` to ${file}`}`);
}
