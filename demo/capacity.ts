import type { CapacityMeter } from '../lib/store/tables.ts';

/** Adds up DynamoDB calls and capacity units. */
export class Capacity {
  calls = 0;
  readUnits = 0;
  writeUnits = 0;

  readonly meter: CapacityMeter = (_command, { read, write }) => {
    this.calls += 1;
    this.readUnits += read;
    this.writeUnits += write;
  };

  /** Returns the sums since the last call of this method, and resets them. */
  take(): { readonly calls: number; readonly readUnits: number; readonly writeUnits: number } {
    const { calls, readUnits, writeUnits } = this;
    this.calls = 0;
    this.readUnits = 0;
    this.writeUnits = 0;
    return { calls, readUnits, writeUnits };
  }
}
