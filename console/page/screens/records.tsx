import { useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { streamAddress } from '../address.ts';
import { chosenRegion } from '../api.ts';
import { useKeys } from '../keys.ts';
import { listShards, rangesOf } from '../kinesis.ts';
import { Empty, ErrorNotice } from '../parts/notice.tsx';
import type { FilterInput, OpenedRecord, TailState } from '../records/messages.ts';
import { IDLE, RecordClient } from '../records/record-client.ts';
import { startInput } from '../records/start.ts';
import { saveAs } from '../save.ts';
import { sawRead } from '../seen.ts';
import { useAsked, useParameters } from '../use.ts';
import { fetchRecord } from './fetch-record.ts';
import { ReadingState, RecordBar } from './record-bar.tsx';
import { RecordDrawer } from './record-drawer.tsx';
import { RecordTable } from './record-table.tsx';
import type { StreamProps } from './stream-props.ts';

/** The records of a stream: those that come, or those that are there. What is chosen is in the address. */
export function RecordsScreen({ stream }: StreamProps) {
  const { StreamName } = stream;
  const { query } = useLocation();
  const [state, setState] = useState<TailState>(IDLE);
  const [opened, setOpened] = useState<OpenedRecord>();
  const [problem, setProblem] = useState<{ readonly error: Error; readonly again: () => void }>();
  const [tries, setTries] = useState(0);
  const client = useClient(StreamName, setState);
  const [readings, setReadings] = useState(0);
  const shards = useAsked(`${StreamName} ${stream.OpenShardCount}`, (signal) => listShards(StreamName, signal));
  const {
    start = '10m',
    value = '',
    follow = 'on',
    shards: chosen = '',
    field = 'text',
    find = '',
    record = '',
  } = query;

  const change = useParameters(streamAddress(StreamName, 'records'));
  const isReady = startInput(start, value) !== undefined;
  const read = () => {
    const from = startInput(start, value);
    if (from !== undefined) {
      setReadings((before) => before + 1);
      client.open({
        stream: StreamName,
        start: from,
        follow: follow === 'on',
        region: chosenRegion(),
        ...(chosen !== '' && { shards: chosen.split(',') }),
      });
    }
  };
  useEffect(() => {
    read();
    return () => client.close();
  }, [client, start, value, follow, chosen]);
  useEffect(() => {
    client.filter(find === '' ? undefined : { field: field as FilterInput['field'], text: find });
  }, [client, field, find]);
  useEffect(() => {
    setProblem(undefined);
    if (opened !== undefined && record === recordName(opened)) {
      return;
    }
    setOpened(undefined);
    const [shard = '', sequenceNumber = ''] = record.split(':');
    if (sequenceNumber === '') {
      return;
    }
    const ending = new AbortController();
    const { signal } = ending;
    fetchRecord(StreamName, shard, sequenceNumber, signal)
      .then((found) => client.decode(found))
      .then(
        (found) => signal.aborted || setOpened(found),
        (error: Error) => signal.aborted || setProblem({ error, again: () => setTries((before) => before + 1) }),
      );
    return () => ending.abort();
  }, [record, tries]);

  const close = () => {
    setOpened(undefined);
    setProblem(undefined);
    change({ record: '' });
  };
  const save = () => {
    setProblem(undefined);
    download(client, StreamName).catch((error: Error) => setProblem({ error, again: save }));
  };
  useKeys({
    ' ': (event) => {
      event.preventDefault();
      client.togglePause();
    },
  });
  const open = async (index: number) => {
    const found = await client.record(index);
    if (found !== undefined) {
      setOpened(found);
      change({ record: recordName(found) });
    }
  };
  return (
    <>
      <RecordBar
        choice={{ start, value, follow, shards: chosen, field, find }}
        shards={shards.value ?? []}
        state={state}
        isReady={isReady}
        onChange={change}
        onPause={() => client.togglePause()}
        onAgain={read}
        onDownload={save}
        onShards={shards.again}
      />
      <ReadingState state={state} />
      {state.phase === 'failed' && <ErrorNotice error={new Error(state.message)} again={read} />}
      {problem && <ErrorNotice {...problem} onClose={close} />}
      <RecordTable
        key={readings}
        client={client}
        state={state}
        empty={<NoRecords state={state} stream={StreamName} isFiltered={find !== ''} />}
        onOpen={open}
      />
      {opened && <RecordDrawer client={client} stream={StreamName} record={opened} onClose={close} />}
    </>
  );
}

/** The worker of this screen, which ends with it. */
function useClient(stream: string, onState: (state: TailState) => void): RecordClient {
  const client = useRef<RecordClient>(undefined);
  const before = useRef({ total: 0, dataBytes: 0 });
  client.current ??= new RecordClient((state) => {
    const records = state.total - before.current.total;
    if (records > 0) {
      sawRead(stream, records, state.dataBytes - before.current.dataBytes);
    }
    before.current = state;
    onState(state);
  });
  useEffect(() => () => client.current?.end(), []);
  return client.current;
}

function NoRecords({ state, stream, isFiltered }: { state: TailState; stream: string; isFiltered: boolean }) {
  if (state.phase === 'failed' || state.phase === 'idle') {
    return null;
  }
  if (state.total > 0 && isFiltered) {
    return <Empty>{state.isFiltering ? 'Filtering…' : 'No record passes the filter.'}</Empty>;
  }
  return (
    <Empty>
      {state.phase === 'ended' ? 'There are no records here.' : 'Waiting for records…'}{' '}
      <a href={streamAddress(stream, 'put')}>Put one</a>
    </Empty>
  );
}

/** A record, in an address. */
const recordName = ({ shard, sequenceNumber }: OpenedRecord): string => `${shard}:${sequenceNumber}`;

/** Saves the shown records. Their shards are asked for now: what was split since needs its own ranges. */
async function download(client: RecordClient, stream: string): Promise<void> {
  const ranges = rangesOf(await listShards(stream));
  saveAs(await client.download(ranges), `${stream}.ndjson`);
}
