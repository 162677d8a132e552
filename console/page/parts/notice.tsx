import type { ComponentChildren } from 'preact';
import { ApiError } from '../api.ts';
import type { Asked } from '../use.ts';

/** What errors mean, where their own sentence leaves open what to do. */
const HINTS: Readonly<Record<string, string>> = {
  SessionEnded: 'Load the page again.',
  ConsoleEnded: 'Start it again, then load the page again.',
  AccessDeniedException: 'The key of this console may not do that.',
};

/** An error, and a way out of it. */
export function ErrorNotice({
  error,
  again,
  onClose,
}: {
  error: Error;
  again?: (() => void) | undefined;
  onClose?: (() => void) | undefined;
}) {
  const code = error instanceof ApiError ? error.code : 'Error';
  const isEnded = code === 'SessionEnded' || code === 'ConsoleEnded';
  return (
    <div class="notice error" role="alert">
      <strong>{code}</strong>
      <p>
        {error.message} {HINTS[code]}
      </p>
      {isEnded ? (
        <button type="button" onClick={() => location.reload()}>
          Load again
        </button>
      ) : (
        <>
          {again && (
            <button type="button" onClick={again}>
              Try again
            </button>
          )}{' '}
          {onClose && (
            <button type="button" onClick={onClose}>
              Close
            </button>
          )}
        </>
      )}
    </div>
  );
}

export const Loading = ({ what }: { what: string }) => (
  <p class="notice quiet" role="status">
    Loading {what}…
  </p>
);

export const Empty = ({ children }: { children: ComponentChildren }) => <div class="notice empty">{children}</div>;

/** Shows what was asked for, once it is there; until then that it is on its way, or why it is not. */
export function Shown<T>({
  asked,
  what,
  children,
}: {
  asked: Asked<T>;
  what: string;
  children: (value: T) => ComponentChildren;
}) {
  const { value, error, again } = asked;
  return (
    <>
      {error && <ErrorNotice error={error} again={again} />}
      {value === undefined ? error === undefined && <Loading what={what} /> : children(value)}
    </>
  );
}
