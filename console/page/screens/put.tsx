import { streamAddress } from '../address.ts';
import { bytes, count, counted } from '../model/format.ts';
import { ErrorNotice } from '../parts/notice.tsx';
import { usePut } from '../puts.ts';
import type { PutProgress } from '../records/put-records.ts';
import { useSession } from '../session.ts';
import { PutFile } from './put-file.tsx';
import { PutForm } from './put-form.tsx';
import type { StreamProps } from './stream-props.ts';

/** Puts records that are written here, or that a file has. */
export function PutScreen({ stream }: StreamProps) {
  const { StreamName } = stream;
  const { isReadOnly } = useSession();
  const { isBusy, progress, total, error, begin, stop } = usePut(StreamName);
  const isFixed = isReadOnly || isBusy;
  return (
    <>
      {isReadOnly && <p class="notice">Read-only: nothing can be put.</p>}
      <div class="columns">
        <PutForm stream={StreamName} isFixed={isFixed} onPut={begin} />
        <PutFile isFixed={isFixed} onPut={begin} />
      </div>
      <section aria-label="Result">
        {isBusy && (
          <p class="inline">
            <progress
              value={total === undefined ? undefined : (progress?.put ?? 0)}
              max={total}
              aria-label="Progress"
            />
            <button type="button" class="small" onClick={stop}>
              Stop
            </button>
          </p>
        )}
        {progress && <Result stream={StreamName} progress={progress} />}
        {error && <ErrorNotice error={error} />}
      </section>
    </>
  );
}

/** Shards of a result that are listed. */
const MAX_LISTED = 50;

function Result({
  stream,
  progress: { put, bytes: size, byShard, last, retried },
}: {
  stream: string;
  progress: PutProgress;
}) {
  const shards = [...byShard].sort(([, a], [, b]) => b - a);
  return (
    <>
      <p role="status">
        {counted(put, 'record')} put ({bytes(size)}){retried > 0 && `, ${count(retried)} of them again after a limit`}.{' '}
        <a href={`${streamAddress(stream, 'records')}?start=1m`}>See the last minute</a>
        {last && (
          <>
            {' '}
            or{' '}
            <a href={`${streamAddress(stream, 'records')}?start=1m&record=${last.shard}:${last.sequenceNumber}`}>
              the last record
            </a>
          </>
        )}
      </p>
      <table>
        <caption class="hidden">Where the records went</caption>
        <thead>
          <tr>
            <th scope="col">Shard</th>
            <th scope="col" class="number">
              Records
            </th>
          </tr>
        </thead>
        <tbody>
          {shards.slice(0, MAX_LISTED).map(([shard, records]) => (
            <tr key={shard}>
              <th scope="row">{shard}</th>
              <td class="number">{count(records)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {last && (
        <p class="quiet breaks">
          The last one: {last.shard}, sequence number {last.sequenceNumber}
        </p>
      )}
    </>
  );
}
