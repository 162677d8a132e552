import { changeStreamInTransition } from '../store/stream-item.ts';
import type { Step } from './step.ts';

/** UPDATE: what was asked for takes effect, and the stream is ACTIVE again. */
export const updateStream: Step = async (stream, deps) => {
  const { transition } = stream;
  return changeStreamInTransition(deps.tables, stream, transition.id, {
    ...(transition.kind === 'UPDATE' && transition.changes),
    status: 'ACTIVE',
    transition: undefined,
  });
};
