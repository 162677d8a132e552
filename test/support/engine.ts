import { openEngine } from '../../local/engine/open.ts';

type Options = Omit<Parameters<typeof openEngine>[0], 'schemas'>;

/** A table whose sort keys are numbers, and one whose sort keys are strings. */
export const NUMBERED = 'numbered';
export const NAMED = 'named';

/** An embedded engine with two tables. */
export const openTestEngine = (options: Options = {}): ReturnType<typeof openEngine> =>
  openEngine({
    schemas: [
      { name: NUMBERED, partitionKey: 'pk', sortKey: 'sk', sortKeyType: 'N' },
      { name: NAMED, partitionKey: 'pk', sortKey: 'sk', sortKeyType: 'S' },
    ],
    ...options,
  });
