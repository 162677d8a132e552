import { useState } from 'preact/hooks';
import { inLine } from '../model/format.ts';

/** The members of one value that are shown before the user asks for more. */
const AT_ONCE = 100;

/** Levels that are open at first. */
const OPEN_LEVELS = 2;

/** A value of JSON or CBOR as a tree. Everything of it is text. */
export const JsonTree = ({ value }: { value: unknown }) => (
  <div class="tree">
    <Value value={value} level={0} />
  </div>
);

function Value({ name, value, level }: { name?: string; value: unknown; level: number }) {
  const members = membersOf(value);
  const label = name === undefined ? null : <span class="tree-name">{inLine(name)}: </span>;
  if (members === undefined) {
    return (
      <div>
        {label}
        <span class={`tree-${kindOf(value)}`}>{leaf(value)}</span>
      </div>
    );
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  return members.count === 0 ? (
    <div>
      {label}
      {open}
      {close}
    </div>
  ) : (
    <Branch label={label} members={members} summary={`${open} ${members.count} ${close}`} level={level} />
  );
}

function Branch({
  label,
  members,
  summary,
  level,
}: {
  label: preact.JSX.Element | null;
  members: Members;
  summary: string;
  level: number;
}) {
  const [isOpen, setOpen] = useState(level < OPEN_LEVELS);
  const [shown, setShown] = useState(AT_ONCE);
  return (
    <details open={isOpen} onToggle={(event: Event) => setOpen((event.target as HTMLDetailsElement).open)}>
      <summary>
        {label}
        <span class="tree-size">{summary}</span>
      </summary>
      {isOpen && (
        <div class="tree-members">
          {members.first(shown).map(([name, member]) => (
            <Value key={name} name={name} value={member} level={level + 1} />
          ))}
          {members.count > shown && (
            <button type="button" class="small" onClick={() => setShown(shown + AT_ONCE)}>
              {members.count - shown} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}

/** The members of a value. Only those that are shown are made: there may be half a million of them. */
interface Members {
  readonly count: number;
  readonly first: (most: number) => (readonly [string, unknown])[];
}

/** @returns undefined for a value without members */
function membersOf(value: unknown): Members | undefined {
  if (Array.isArray(value)) {
    return {
      count: value.length,
      first: (most) => value.slice(0, most).map((member, index) => [`${index}`, member] as const),
    };
  }
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) {
    return undefined;
  }
  if (value instanceof Map) {
    const names = [...value.keys()];
    return {
      count: names.length,
      first: (most) =>
        names.slice(0, most).map((name) => [typeof name === 'string' ? name : leaf(name), value.get(name)]),
    };
  }
  const names = Object.keys(value);
  return {
    count: names.length,
    first: (most) => names.slice(0, most).map((name) => [name, (value as Record<string, unknown>)[name]]),
  };
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : value instanceof Uint8Array ? 'bytes' : typeof value;

/** The longest text of one value. */
const MAX_LEAF = 2_000;

function leaf(value: unknown): string {
  if (typeof value === 'string') {
    return inLine(JSON.stringify(value.slice(0, MAX_LEAF))) + (value.length > MAX_LEAF ? '…' : '');
  }
  if (value instanceof Uint8Array) {
    return `h'${[...value.subarray(0, 64)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}${value.length > 64 ? '…' : ''}'`;
  }
  return String(value);
}
