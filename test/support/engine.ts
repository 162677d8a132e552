import { openEngine } from '../../local/engine/open.ts';

type Options = Omit<Parameters<typeof openEngine>[0], 'schemas'>;

/** One table with numbers for sort keys, and one with texts. */
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
