import type { Deps } from '../deps.ts';
import type { Stream, Transition } from '../model/stream.ts';

/** A stream in a transition. */
export type ChangingStream = Stream & { readonly transition: Transition };

/**
 * One step of a transition: safe to repeat, and to stop in the middle of.
 * @returns whether the transition has come to its end
 */
export type Step = (stream: ChangingStream, deps: Deps) => Promise<boolean>;
