import type { StreamDescription } from '../kinesis.ts';
import type { Asked } from '../use.ts';

/** What each screen of a stream gets. */
export interface StreamProps {
  readonly stream: StreamDescription;
  readonly asked: Asked<StreamDescription>;
}
