import { changeStreamInTransition } from '../store/stream-item.ts';
import type { Step } from './step.ts';

/** UPDATE: the requested changes take effect, and the stream becomes ACTIVE again. */
export const updateStream: Step = async (stream, deps) => {
  const { transition } = stream;
  return changeStreamInTransition(deps.tables, stream, transition.id, {
    ...(transition.kind === 'UPDATE' && transition.changes),
    status: 'ACTIVE',
    transition: undefined,
  });
};
