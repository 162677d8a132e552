import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { About } from '../wire.ts';

/** What every screen knows. */
export interface Session {
  readonly about: About;
  /** Nothing may be changed: the console was started so, or the user has switched it. */
  readonly isReadOnly: boolean;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** @throws Error outside of the page's frame */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) {
    throw new Error('there is no session');
  }
  return session;
}
