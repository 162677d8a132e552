import type { Deps } from '../deps.ts';
import type { Stream, Transition } from '../model/stream.ts';

/** A stream in a transition. */
export type ChangingStream = Stream & { readonly transition: Transition };

/**
 * One step of a transition. It is safe to repeat, and may stop at any point.
 * @returns whether the transition has ended
 */
export type Step = (stream: ChangingStream, deps: Deps) => Promise<boolean>;
