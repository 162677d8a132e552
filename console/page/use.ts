import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { changedAddress } from './address.ts';
import type { ApiError } from './api.ts';

/** What is being asked for: at first nothing, then a value or an error, and with each look a newer one. */
export interface Asked<T> {
  readonly value: T | undefined;
  readonly error: ApiError | undefined;
  /** Looks again, at once. */
  readonly again: () => void;
}

/**
 * Asks, and asks again after each answer. While the page is hidden it does not ask.
 * @param key      what the question is about: another one is another question, whose value is not there yet
 * @param everyMs  undefined: only once
 */
export function useAsked<T>(
  key: string,
  ask: (signal: AbortSignal) => Promise<T>,
  everyMs?: number | ((value: T | undefined) => number | undefined),
): Asked<T> {
  const [state, setState] = useState<{ key: string; value?: T; error?: ApiError }>({ key });
  const [turn, setTurn] = useState(0);
  const latest = useRef({ ask, everyMs });
  latest.current = { ask, everyMs };
  useEffect(() => {
    const ending = new AbortController();
    const { signal } = ending;
    const look = async () => {
      const outcome = await outcomeOf(latest.current.ask, signal);
      if (signal.aborted) {
        return;
      }
      // An error leaves the value that was there.
      setState((before) => ({ ...(before.key === key && outcome.error && before), key, ...outcome }));
      const { everyMs: every } = latest.current;
      const pause = typeof every === 'function' ? every(outcome.value) : every;
      if (pause !== undefined) {
        setTimeout(lookWhenShown, pause);
      }
    };
    const lookWhenShown = () => {
      if (signal.aborted) {
        return;
      }
      if (document.hidden) {
        document.addEventListener('visibilitychange', lookWhenShown, { once: true, signal });
      } else {
        look();
      }
    };
    lookWhenShown();
    return () => ending.abort();
  }, [key, turn]);
  const again = useCallback(() => setTurn((before) => before + 1), []);
  return state.key === key
    ? { value: state.value, error: state.error, again }
    : { value: undefined, error: undefined, again };
}

async function outcomeOf<T>(
  ask: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
): Promise<{ value?: T; error?: ApiError | undefined }> {
  try {
    return { value: await ask(signal), error: undefined };
  } catch (error) {
    return { error: error as ApiError };
  }
}

/**
 * Changes parameters of a screen's address in place. What comes late, after the screen has been left, does not bring it back.
 * @param address of the screen, without parameters
 */
export function useParameters(address: string): (changes: Readonly<Record<string, string | undefined>>) => void {
  const { route } = useLocation();
  const isLeft = useRef(false);
  useEffect(
    () => () => {
      isLeft.current = true;
    },
    [],
  );
  return (changes) => {
    if (!isLeft.current) {
      // What the address has now: when the screen was drawn, it may have had something else.
      route(changedAddress(address, location.search, changes), true);
    }
  };
}

/** Names the page, for tabs and for those who hear it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Rivulet`;
  }, [title]);
}

/** Something that is done when the user asks for it: one at a time, and its error is kept for showing. */
export function useAction(): {
  readonly isBusy: boolean;
  readonly error: ApiError | undefined;
  readonly run: (work: () => Promise<void>) => void;
} {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError>();
  const run = (work: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    work()
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return { isBusy, error, run };
}
