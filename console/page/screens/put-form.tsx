import { useEffect, useRef, useState } from 'preact/hooks';
import { fromBase64, toBase64 } from '../model/base64.ts';
import { inLine } from '../model/format.ts';
import { cliOption, cliOptions, isPlainValue, shellWord } from '../model/snippets.ts';
import { filled, TEMPLATE_HELP } from '../model/templates.ts';
import { Code } from '../parts/copy.tsx';
import type { NewRecord, PutWork } from '../records/put-records.ts';
import { useSession } from '../session.ts';
import { takeForPut } from './put-again.ts';

/** The most copies of one put. */
const MAX_COPIES = 1_000_000;

/** A longer line of a shell is not shown. */
const MAX_CLI_DATA = 4_000;

type Encoding = 'text' | 'base64';

interface Draft {
  readonly key: string;
  readonly hashKey: string;
  readonly data: string;
  readonly encoding: Encoding;
  readonly copies: string;
  /** Whether placeholders are filled in: what is put again stays as it is. */
  readonly fills: boolean;
}

const EXAMPLE = {
  key: 'order-{{i}}',
  data: '{"order": {{i}}, "at": "{{now}}"}',
  encoding: 'text',
  fills: true,
} as const;

/** What was written for each stream, while the page is there: other screens are looked at in between. */
const drafts = new Map<string, Draft>();
const MAX_DRAFTS = 10;

function keepDraft(stream: string, draft: Draft): void {
  drafts.delete(stream);
  drafts.set(stream, draft);
  if (drafts.size > MAX_DRAFTS) {
    drafts.delete([...drafts.keys()][0] ?? '');
  }
}

/** What the form begins with: a record that is to be put again, what was written before, or an example. */
function firstDraft(stream: string): Draft {
  const again = takeForPut();
  const common = { hashKey: again?.explicitHashKey ?? '', copies: '1' };
  if (again === undefined) {
    return drafts.get(stream) ?? { ...common, ...EXAMPLE };
  }
  const { partitionKey, data } = again;
  const text = textOf(data);
  const written =
    text === undefined
      ? { data: toBase64(data), encoding: 'base64' as const }
      : { data: text, encoding: 'text' as const };
  return { ...common, ...written, key: partitionKey, fills: false };
}

function textOf(data: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
    // A field changes other line breaks.
    return text.includes('\r') || text.includes('\u0000') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** A record, or many of its kind. */
export function PutForm({
  stream,
  isFixed,
  onPut,
}: {
  stream: string;
  isFixed: boolean;
  onPut: (work: PutWork) => void;
}) {
  const [draft, setDraft] = useState(() => firstDraft(stream));
  const begun = useRef(draft);
  useEffect(() => {
    // What was written before is not lost to a record that is only looked at here.
    if (draft !== begun.current) {
      keepDraft(stream, draft);
    }
  }, [draft]);
  const change = (name: keyof Draft) => (event: Event) =>
    setDraft({ ...draft, [name]: (event.target as HTMLInputElement).value });
  const first = recordOf(draft, 1);
  const copies = Math.max(1, Math.min(MAX_COPIES, Math.floor(Number(draft.copies)) || 1));
  return (
    <section aria-label="Put records">
      <h2>Write</h2>
      <form
        onSubmit={(event: Event) => {
          event.preventDefault();
          if (first !== undefined) {
            // Copies are of one kind: nothing depends on which one is first.
            onPut({ keepsOrder: false, records: recordsOf(draft, copies), total: copies });
          }
        }}
      >
        <label>
          Partition key
          <input required maxLength={256} value={draft.key} onInput={change('key')} />
        </label>
        <label>
          Explicit hash key (optional)
          <input
            inputMode="numeric"
            pattern="\d{1,39}"
            placeholder="by the partition key"
            value={draft.hashKey}
            onInput={change('hashKey')}
          />
        </label>
        <label>
          Data
          <textarea rows={8} spellcheck={false} value={draft.data} onInput={change('data')} />
        </label>
        <p class="inline">
          <select aria-label="Data is" value={draft.encoding} onChange={change('encoding')}>
            <option value="text">text</option>
            <option value="base64">base64</option>
          </select>
          <JsonCheck draft={draft} />
        </p>
        <label class="switch">
          <input type="checkbox" checked={draft.fills} onChange={() => setDraft({ ...draft, fills: !draft.fills })} />{' '}
          fill in <span class="quiet">{TEMPLATE_HELP}</span>
        </label>
        <p class="inline">
          <label>
            Copies <input type="number" min="1" max={MAX_COPIES} value={draft.copies} onInput={change('copies')} />
          </label>
          <button type="submit" class="main" disabled={isFixed || first === undefined}>
            Put
          </button>
        </p>
      </form>
      {first && <CliLine stream={stream} record={first} />}
    </section>
  );
}

/** @returns undefined if the data is no base64, as it says that it is */
function recordOf({ key, hashKey, data, encoding, fills }: Draft, i: number): NewRecord | undefined {
  const text = (template: string) => (fills ? filled(template, i) : template);
  const common = { partitionKey: text(key), ...(hashKey !== '' && { explicitHashKey: hashKey }) };
  try {
    const bytes = encoding === 'text' ? new TextEncoder().encode(text(data)) : fromBase64(data.replaceAll(/\s/g, ''));
    return { ...common, data: toBase64(bytes) };
  } catch {
    return undefined;
  }
}

function* recordsOf(draft: Draft, copies: number): Generator<NewRecord> {
  for (let i = 1; i <= copies; i++) {
    const record = recordOf(draft, i);
    if (record !== undefined) {
      yield record;
    }
  }
}

function JsonCheck({ draft }: { draft: Draft }) {
  if (draft.encoding === 'base64') {
    return recordOf(draft, 1) === undefined ? <span class="wrong">This is no base64.</span> : null;
  }
  const text = draft.fills ? filled(draft.data, 1) : draft.data;
  if (!/^\s*[[{]/.test(text)) {
    return null;
  }
  try {
    JSON.parse(text);
    return <span class="right">JSON</span>;
  } catch (error) {
    return <span class="wrong">No JSON: {inLine((error as Error).message)}</span>;
  }
}

/** The first record, put by the AWS CLI. */
function CliLine({ stream, record }: { stream: string; record: NewRecord }) {
  const { about } = useSession();
  if (record.data.length > MAX_CLI_DATA || !isPlainValue(record.partitionKey)) {
    return null;
  }
  const hashKey = record.explicitHashKey === undefined ? '' : ` --explicit-hash-key ${record.explicitHashKey}`;
  return (
    <>
      <h3>The same by the AWS CLI</h3>
      <Code
        code={
          `aws ${cliOptions(about)} kinesis put-record ${cliOption('stream-name', stream)}` +
          ` ${cliOption('partition-key', record.partitionKey)}${hashKey} --data ${shellWord(record.data)}`
        }
      />
    </>
  );
}
