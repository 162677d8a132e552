/** The consumed capacity of a call, as DynamoDB reports it. */
export interface ConsumedCapacity {
  readonly TableName: string;
  readonly CapacityUnits: number;
}

const WRITE_UNIT_BYTES = 1_024;
const READ_UNIT_BYTES = 4_096;

/** Units of a write: by the item before or after it, whichever is larger. */
export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));

/** Units of a read, of all that it looked at: half of them where it need not be consistent. */
export const readUnits = (bytes: number, consistent: boolean | undefined): number =>
  Math.max(1, Math.ceil(bytes / READ_UNIT_BYTES)) / (consistent ? 1 : 2);
