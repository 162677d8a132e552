import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { explicitHashKeyIn } from '../../../client/records/stored-line.ts';
import { streamAddress } from '../address.ts';
import { listShards, rangesOf } from '../kinesis.ts';
import { bytes, counted, dateTime, inLine } from '../model/format.ts';
import { hashKeyOf } from '../model/hash-key.ts';
import { Copy } from '../parts/copy.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { ErrorNotice } from '../parts/notice.tsx';
import type { OpenedPart, OpenedRecord } from '../records/messages.ts';
import type { RecordClient } from '../records/record-client.ts';
import { saveAs } from '../save.ts';
import { useSession } from '../session.ts';
import { useAction } from '../use.ts';
import { keepForPut } from './put-again.ts';

/** One record, with everything that can be seen in it. */
export function RecordDrawer({
  client,
  stream,
  record,
  onClose,
}: {
  client: RecordClient;
  stream: string;
  record: OpenedRecord;
  onClose: () => void;
}) {
  const { route } = useLocation();
  const { isReadOnly } = useSession();
  const [part, setPart] = useState(0);
  const shown = usePart(client, record, part);
  const save = () => saveAs(record.data, `${record.sequenceNumber}.bin`);
  const { isBusy, error, run } = useAction();
  const putAgain = () =>
    run(async () => {
      const { partitionKey, shard } = record;
      const data = new Uint8Array(await record.data.arrayBuffer());
      const range = rangesOf(await listShards(stream)).find(({ id }) => id === shard);
      keepForPut({ partitionKey, explicitHashKey: range && explicitHashKeyIn(range, hashKeyOf(partitionKey)), data });
      route(streamAddress(stream, 'put'));
    });
  return (
    <Dialog title="Record" kind="drawer" onClose={onClose}>
      <dl class="facts">
        <div>
          <dt>Partition key</dt>
          <dd class="breaks">{inLine(record.partitionKey)}</dd>
        </div>
        <div>
          <dt>Arrived</dt>
          <dd>{dateTime(record.arrivedMs)}</dd>
        </div>
        <div>
          <dt>Shard</dt>
          <dd>{record.shard}</dd>
        </div>
        <div>
          <dt>Sequence number</dt>
          <dd class="breaks">
            {record.sequenceNumber} <Copy text={record.sequenceNumber} />
          </dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{bytes(record.data.size)}</dd>
        </div>
      </dl>
      <p class="actions left">
        <Copy text={location.href} label="Copy link" />
        <button type="button" class="small" onClick={save}>
          Save data
        </button>
        <button type="button" class="small" disabled={isReadOnly || isBusy} onClick={putAgain}>
          Put again
        </button>
      </p>
      {error && <ErrorNotice error={error} />}
      {record.isAggregate && (
        <label>
          An aggregate of the Kinesis Producer Library: {counted(record.allParts, 'record')}
          <select value={part} onChange={(event: Event) => setPart(Number((event.target as HTMLSelectElement).value))}>
            {record.parts.map((one, index) => (
              <option key={index} value={index}>
                {index + 1}: {inLine(one.partitionKey)} ({bytes(one.size)})
              </option>
            ))}
          </select>
        </label>
      )}
      {shown && <PartView key={part} part={shown} />}
    </Dialog>
  );
}

/** The chosen part of a record. @returns undefined while it is opened */
function usePart(client: RecordClient, { data, first }: OpenedRecord, part: number): OpenedPart | undefined {
  const [opened, setOpened] = useState<{ readonly part: number; readonly found: OpenedPart | undefined }>();
  useEffect(() => {
    let isCurrent = true;
    if (part > 0) {
      client.part(data, part).then((found) => isCurrent && setOpened({ part, found }));
    }
    return () => {
      isCurrent = false;
    };
  }, [data, part]);
  return part === 0 ? first : opened?.part === part ? opened.found : undefined;
}

type ViewName = keyof OpenedPart['views'];

const VIEW_NAMES: Readonly<Record<ViewName, string>> = { json: 'JSON', cbor: 'CBOR', text: 'Text', hex: 'Hex' };

function PartView({ part }: { part: OpenedPart }) {
  const names = (Object.keys(VIEW_NAMES) as ViewName[]).filter((name) => part.views[name] !== undefined);
  const [name, setName] = useState<ViewName>(names[0] ?? 'hex');
  return (
    <section aria-label="Data">
      <p class="choices">
        {names.map((one) => (
          <button key={one} type="button" class="small" aria-pressed={one === name} onClick={() => setName(one)}>
            {VIEW_NAMES[one]}
          </button>
        ))}
        {part.notes.map((note) => (
          <span key={note} class="quiet">
            {note}
          </span>
        ))}
      </p>
      <PartData views={part.views} name={name} />
    </section>
  );
}

function PartData({ views, name }: { views: OpenedPart['views']; name: ViewName }) {
  if (name === 'json' || name === 'cbor') {
    return <JsonTree value={views[name]?.value} />;
  }
  const shown = views[name];
  return (
    <>
      <pre class={`data data-${name}`} tabIndex={0}>
        {shown?.text}
      </pre>
      {shown?.isWhole === false && <p class="quiet">This is its beginning: save the data for all of it.</p>}
    </>
  );
}
