/** Operations that change nothing. They are all that the console needs for looking (docs/console.md has the policy). */
const READING = [
  'DescribeStreamSummary',
  'GetRecords',
  'GetShardIterator',
  'ListShards',
  'ListStreamConsumers',
  'ListStreams',
  'ListTagsForStream',
] as const;

const CHANGING = [
  'AddTagsToStream',
  'CreateStream',
  'DecreaseStreamRetentionPeriod',
  'DeleteStream',
  'DeregisterStreamConsumer',
  'IncreaseStreamRetentionPeriod',
  'MergeShards',
  'PutRecords',
  'RegisterStreamConsumer',
  'RemoveTagsFromStream',
  'SplitShard',
  'StartStreamEncryption',
  'StopStreamEncryption',
  'UpdateMaxRecordSize',
  'UpdateShardCount',
  'UpdateStreamMode',
] as const;

const reading: ReadonlySet<string> = new Set(READING);
const changing: ReadonlySet<string> = new Set(CHANGING);

/** Whether the page may call an operation. Whatever is in neither list is refused. */
export function isAllowed(operation: string, readOnly: boolean): boolean {
  return reading.has(operation) || (!readOnly && changing.has(operation));
}

/** Whether the page may call it where changes are allowed. */
export const isChange = (operation: string): boolean => changing.has(operation);
