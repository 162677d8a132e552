/** A record that the user wants to put once more. */
export interface KeptRecord {
  readonly partitionKey: string;
  /** Present if its partition key alone would lead to another shard. */
  readonly explicitHashKey?: string | undefined;
  readonly data: Uint8Array;
}

let kept: KeptRecord | undefined;

/** Keeps a record for the next look at the screen for putting. */
export const keepForPut = (record: KeptRecord): void => {
  kept = record;
};

/** Takes what was kept: it is there once. */
export function takeForPut(): KeptRecord | undefined {
  const record = kept;
  kept = undefined;
  return record;
}
