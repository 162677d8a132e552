import { useState } from 'preact/hooks';
import { bytes } from '../model/format.ts';
import { fileRecords, type LineKind } from '../records/file-records.ts';
import type { PutWork } from '../records/put-records.ts';

/** Puts the records of a file. */
export function PutFile({ isFixed, onPut }: { isFixed: boolean; onPut: (work: PutWork) => void }) {
  const [file, setFile] = useState<File>();
  const [kind, setKind] = useState<LineKind>('stored');
  const [key, setKey] = useState('{{uuid}}');
  const [read, setRead] = useState(0);
  return (
    <section aria-label="Put a file">
      <h2>From a file</h2>
      <form
        onSubmit={(event: Event) => {
          event.preventDefault();
          if (file !== undefined) {
            setRead(0);
            onPut({ keepsOrder: true, records: fileRecords(file, kind, key, setRead) });
          }
        }}
      >
        <label>
          File of lines (NDJSON)
          <input
            type="file"
            required
            onChange={(event: Event) => setFile((event.target as HTMLInputElement).files?.[0])}
          />
        </label>
        <label>
          Each line is
          <select
            value={kind}
            onChange={(event: Event) => setKind((event.target as HTMLSelectElement).value as LineKind)}
          >
            <option value="stored">a record, as a download or rivulet export writes it</option>
            <option value="data">the data of a record</option>
          </select>
        </label>
        {kind === 'data' && (
          <label>
            Partition key
            <input required value={key} onInput={(event: Event) => setKey((event.target as HTMLInputElement).value)} />
          </label>
        )}
        <button type="submit" disabled={isFixed || file === undefined}>
          Put file
        </button>
        {file && read > 0 && (
          <p role="status">
            <progress value={read} max={file.size} aria-label="Read of the file" /> {bytes(read)} of {bytes(file.size)}{' '}
            read
          </p>
        )}
      </form>
    </section>
  );
}
