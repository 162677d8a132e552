import type { ShardStart } from '../../client/reading/stream-reader.ts';
import { BadCall } from './answers.ts';

/** The most names that a call may list: as many shards as a tail may choose from. */
const MAX_NAMES = 10_000;

type Input = Readonly<Record<string, unknown>>;

/** A text of a call. @throws BadCall if it is missing */
export function textOf(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '' || value.length > 2_048) {
    throw new BadCall(`${name} is missing.`);
  }
  return value;
}

/** A list of texts. @throws BadCall if it is none */
export function namesOf(input: Input, name: string): readonly string[] {
  const value = input[name];
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_NAMES;
  if (!isList || !value.every((one) => typeof one === 'string')) {
    throw new BadCall(`${name} is no list of names.`);
  }
  return value;
}

/** Where reading starts. @throws BadCall for anything that Kinesis does not know */
export function parseStart(value: unknown): ShardStart {
  const { type, timestampMs, sequenceNumber } = (value ?? {}) as Input;
  switch (type) {
    case 'TRIM_HORIZON':
    case 'LATEST':
      return { type };
    case 'AT_TIMESTAMP': {
      const timestamp = new Date(Number(timestampMs));
      if (timestampMs === undefined || Number.isNaN(timestamp.getTime())) {
        throw new BadCall('start has no time.');
      }
      return { type, timestamp };
    }
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER':
      if (typeof sequenceNumber !== 'string' || !/^\d{1,128}$/.test(sequenceNumber)) {
        throw new BadCall('start has no sequence number.');
      }
      return { type, sequenceNumber };
    default:
      throw new BadCall('start has no type.');
  }
}
