import { useEffect, useRef, useState } from 'preact/hooks';
import { isOpen, type Shard, shardLabel } from '../kinesis.ts';
import { bytes, count, counted, short } from '../model/format.ts';
import type { TailState } from '../records/messages.ts';
import { localTime, STARTS, timeOf } from '../records/start.ts';

/** What is read and shown, as the address has it. */
export interface RecordChoice {
  readonly start: string;
  readonly value: string;
  readonly follow: string;
  /** Ids, separated by commas; none: all. */
  readonly shards: string;
  readonly field: string;
  readonly find: string;
}

interface RecordBarProps {
  readonly choice: RecordChoice;
  readonly shards: readonly Shard[];
  readonly state: TailState;
  /** Whether it is said where to start. */
  readonly isReady: boolean;
  readonly onChange: (changes: Partial<RecordChoice>) => void;
  readonly onPause: () => void;
  readonly onAgain: () => void;
  readonly onDownload: () => void;
  /** The list of shards is opened. */
  readonly onShards: () => void;
}

/** Shards that a list offers: of more, the address can name some. */
const MAX_OFFERED = 200;

/** A filter waits until typing pauses for so long, ms. */
const TYPING_MS = 250;

export function RecordBar(props: RecordBarProps) {
  const { choice, state, isReady, onChange, onPause, onAgain, onDownload } = props;
  const isLive = state.phase === 'reading' || state.phase === 'paused';
  return (
    <div class="bar" role="group" aria-label="What is read">
      <label>
        From{' '}
        <select
          value={choice.start}
          onChange={(event: Event) => onChange({ start: (event.target as HTMLSelectElement).value, value: '' })}
        >
          {STARTS.map(([name, words]) => (
            <option key={name} value={name}>
              {words}
            </option>
          ))}
        </select>
      </label>
      <StartValue choice={choice} onChange={onChange} />
      <ShardChoice {...props} />
      <label class="switch">
        <input
          type="checkbox"
          checked={choice.follow === 'on'}
          onChange={() => onChange({ follow: choice.follow === 'on' ? 'off' : 'on' })}
        />{' '}
        live
      </label>
      <button type="button" onClick={onPause} disabled={!isLive} aria-pressed={state.phase === 'paused'}>
        {state.phase === 'paused' ? 'Go on' : 'Pause'}
      </button>
      <button type="button" onClick={onAgain} disabled={!isReady}>
        Read again
      </button>
      <Filter choice={choice} onChange={onChange} error={state.filterError} />
      <button type="button" onClick={onDownload} disabled={state.matched === 0}>
        Download
      </button>
    </div>
  );
}

type Choosing = Pick<RecordBarProps, 'choice' | 'onChange'>;

function StartValue({ choice, onChange }: Choosing) {
  const { start, value } = choice;
  if (start === 'time') {
    return <TimeValue choice={choice} onChange={onChange} />;
  }
  return start === 'at' || start === 'after' ? (
    <input
      aria-label="Sequence number"
      placeholder="sequence number, of the chosen shard"
      inputMode="numeric"
      value={value}
      onChange={(event: Event) => onChange({ value: (event.target as HTMLInputElement).value.trim() })}
    />
  ) : null;
}

/** A time of this zone. While it is typed, the field keeps what it has: to write into it would end the typing. */
function TimeValue({ choice: { value }, onChange }: Choosing) {
  const [typed, setTyped] = useState(localTime(value));
  return (
    <input
      type="datetime-local"
      step="1"
      aria-label="Time"
      value={timeOf(typed) === value ? typed : localTime(value)}
      onChange={(event: Event) => {
        const field = (event.target as HTMLInputElement).value;
        setTyped(field);
        onChange({ value: timeOf(field) });
      }}
    />
  );
}

type ShardChoiceProps = Pick<RecordBarProps, 'choice' | 'shards' | 'onChange' | 'onShards'>;

function ShardChoice({ choice, shards, onChange, onShards }: ShardChoiceProps) {
  const chosen = choice.shards === '' ? [] : choice.shards.split(',');
  const toggle = (id: string) =>
    onChange({ shards: (chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]).join(',') });
  const offered = shards.slice(-MAX_OFFERED);
  return (
    <details class="choice" onToggle={(event: Event) => (event.target as HTMLDetailsElement).open && onShards()}>
      <summary>{chosen.length === 0 ? 'all shards' : counted(chosen.length, 'shard')}</summary>
      <div class="choice-list">
        <button type="button" class="small" disabled={chosen.length === 0} onClick={() => onChange({ shards: '' })}>
          All
        </button>
        {offered.map((shard) => (
          <label key={shard.ShardId} class="switch">
            <input type="checkbox" checked={chosen.includes(shard.ShardId)} onChange={() => toggle(shard.ShardId)} />{' '}
            {shardLabel(shard.ShardId)}
            {isOpen(shard) ? '' : ' (closed)'}
          </label>
        ))}
        {offered.length < shards.length && <p class="quiet">The newest {MAX_OFFERED} are listed.</p>}
      </div>
    </details>
  );
}

function Filter({
  choice: { field, find },
  onChange,
  error,
}: Pick<RecordBarProps, 'choice' | 'onChange'> & { error: string | undefined }) {
  const [text, setText] = useState(find);
  // What this field has sent comes back later: by then, more may have been typed.
  const sent = useRef(find);
  useEffect(() => {
    if (find !== sent.current) {
      sent.current = find;
      setText(find);
    }
  }, [find]);
  useEffect(() => {
    const timer = setTimeout(() => {
      if (text !== sent.current) {
        sent.current = text;
        onChange({ find: text });
      }
    }, TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <>
      <select
        aria-label="Filter by"
        value={field}
        onChange={(event: Event) => onChange({ field: (event.target as HTMLSelectElement).value })}
      >
        <option value="text">text</option>
        <option value="key">partition key</option>
        <option value="path">JSON path</option>
      </select>
      <input
        data-find
        type="search"
        aria-label="Filter"
        aria-invalid={error !== undefined}
        placeholder={field === 'path' ? '$.order.total > 100' : 'Filter (/)'}
        value={text}
        onInput={(event: Event) => setText((event.target as HTMLInputElement).value)}
      />
      {error !== undefined && (
        <span class="wrong" role="alert">
          {error}
        </span>
      )}
    </>
  );
}

const PHASES: Readonly<Record<TailState['phase'], string>> = {
  idle: 'Say where to start.',
  opening: 'Opening…',
  reading: 'Reading',
  paused: 'Paused: nothing is read',
  ended: 'Read to the end',
  failed: 'Ended by an error',
};

/** How the reading goes, in one line. */
export const ReadingState = ({ state }: { state: TailState }) => (
  <p class="quiet reading" data-phase={state.phase}>
    <span role="status">{PHASES[state.phase]}</span>
    {state.shards > 0 && <span>{counted(state.shards, 'open shard')}</span>}
    <span>
      {counted(state.total, 'record')}
      {state.matched !== state.kept && `, ${count(state.matched)} shown`}
      {state.kept < state.total && `, the newest ${count(state.kept)} kept`}
      {state.isFiltering && ', filtering…'}
    </span>
    <span>{short(state.recordsPerSecond)} records/s</span>
    <span>{bytes(state.bytes)} of memory</span>
    {state.cost !== undefined && <span class="cost">{state.cost}</span>}
  </p>
);
