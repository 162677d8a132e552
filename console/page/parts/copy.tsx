import { useState } from 'preact/hooks';

/** Copies a text. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1_500);
  };
  return (
    <button type="button" class="small" onClick={() => copy().catch(() => {})}>
      {done ? 'Copied' : label}
    </button>
  );
}

/** Lines of code, and a button that copies them. */
export const Code = ({ code }: { code: string }) => (
  <div class="code">
    <pre tabIndex={0}>{code}</pre>
    <Copy text={code} />
  </div>
);
