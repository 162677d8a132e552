/**
 * Kinesis' sequence numbers.
 *
 * A number is an integer whose 47 hexadecimal digits are, from the left:
 *
 *     digit  0        2, constant
 *     digits 1-9      the shard's creation time, epoch seconds
 *     digit  10       low 4 bits of the shard index
 *     digits 11-26    sequence index, 63 bits
 *     digits 27-28    zero
 *     digits 29-37    the record's time, epoch seconds
 *     digits 38-45    shard index, signed 32 bits
 *     digit  46       version, 2
 *
 * Creation time and sequence index come before the record's time. So the numbers of a shard are in the order of their
 * sequence indexes. The layout is not published. Kinesalite found it, and confirmed it against the real service. The
 * service used versions 0 and 1 in its first years. Rivulet parses them, but never writes them.
 */
export interface SequenceNumberParts {
  readonly version: 0 | 1 | 2;
  /** The shard's creation time, epoch seconds. */
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  /** Undefined in version 0 and 1, which hold random digits there. */
  readonly sequenceIndex: bigint | undefined;
  /** The record's time, epoch seconds. Undefined in version 0. */
  readonly timeSeconds: number | undefined;
}

/** The parts of a version 2 number. */
export interface SequenceNumberFields {
  /** Epoch seconds. */
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  readonly sequenceIndex: bigint;
  /** Epoch seconds. */
  readonly timeSeconds: number;
}

/** The sequence index of a closed shard's ending number. It is above every sequence index that a record can have. */
export const MAX_SEQUENCE_INDEX = 0x7fffffffffffffffn;

/** Numbers with this creation time or a later one are rejected: the time would overflow into the next field. */
const MAX_CREATED_SECONDS = 16025175000;
const MAX_SIGNED_32 = 0x7fffffff;

const hex = (value: number | bigint, width: number): string => value.toString(16).padStart(width, '0');

/** Builds a version 2 number, as decimal text. */
export function formatSequenceNumber(fields: SequenceNumberFields): string {
  return sequenceNumberValue(fields).toString();
}

/** The difference of two numbers of the same shard and second whose sequence indexes differ by one. */
export const SEQUENCE_INDEX_STEP = 1n << BigInt(4 * (47 - 27));

/**
 * The numbers of consecutive records of one batch, as decimal texts.
 * @param first the first record's fields
 * @param count how many numbers to return
 */
export function formatSequenceNumbers(first: SequenceNumberFields, count: number): string[] {
  const numbers: string[] = new Array(count);
  let value = sequenceNumberValue(first);
  for (let offset = 0; offset < count; offset++) {
    numbers[offset] = value.toString();
    value += SEQUENCE_INDEX_STEP;
  }
  return numbers;
}

/** A version 2 number. */
export function sequenceNumberValue(fields: SequenceNumberFields): bigint {
  return BigInt(
    `0x2${hex(fields.shardCreatedSeconds, 9)}${hex(fields.shardIndex & 0xf, 1)}${hex(fields.sequenceIndex, 16)}` +
      `00${hex(fields.timeSeconds, 9)}${hex(fields.shardIndex >>> 0, 8)}2`,
  );
}

/** The first number of a shard's range. No record has it, because the first record's sequence index is greater. */
export function startingSequenceNumber(shardCreatedSeconds: number, shardIndex: number): string {
  return formatSequenceNumber({
    shardCreatedSeconds,
    shardIndex,
    sequenceIndex: 0n,
    timeSeconds: shardCreatedSeconds,
  });
}

/** The last number of a closed shard's range. It is above the number of every record of the shard. */
export function endingSequenceNumber(shardCreatedSeconds: number, shardIndex: number, closedSeconds: number): string {
  return formatSequenceNumber({
    shardCreatedSeconds,
    shardIndex,
    sequenceIndex: MAX_SEQUENCE_INDEX,
    timeSeconds: closedSeconds,
  });
}

/**
 * Parses a number into its parts.
 * @param text decimal digits
 * @returns undefined when Kinesis would call the number invalid
 */
export function parseSequenceNumber(text: string): SequenceNumberParts | undefined {
  let value = BigInt(text);
  if (value < 1n << 124n) {
    value += 1n << 124n;
  }
  if (value < 1n << 129n) {
    return parseVersion0(value.toString(16));
  }
  if (value <= 1n << 185n || value >= 3n << 184n) {
    return undefined;
  }
  const digits = value.toString(16);
  if (digits.endsWith('2')) {
    return parseVersion2(digits);
  }
  return digits.endsWith('1') ? parseVersion1(digits) : undefined;
}

function parseVersion2(digits: string): SequenceNumberParts | undefined {
  const shardCreatedSeconds = field(digits, 1, 10);
  const sequenceIndex = BigInt(`0x${digits.slice(11, 27)}`);
  if (sequenceIndex > MAX_SEQUENCE_INDEX || shardCreatedSeconds >= MAX_CREATED_SECONDS) {
    return undefined;
  }
  return {
    version: 2,
    shardCreatedSeconds,
    shardIndex: signed32(field(digits, 38, 46)),
    sequenceIndex,
    timeSeconds: field(digits, 29, 38),
  };
}

function parseVersion1(digits: string): SequenceNumberParts {
  return {
    version: 1,
    shardCreatedSeconds: field(digits, 1, 10),
    shardIndex: signed32(field(digits, 38, 46)),
    sequenceIndex: undefined,
    timeSeconds: field(digits, 13, 22),
  };
}

function parseVersion0(digits: string): SequenceNumberParts | undefined {
  const shardCreatedSeconds = field(digits, 1, 10);
  if (shardCreatedSeconds >= MAX_CREATED_SECONDS) {
    return undefined;
  }
  return {
    version: 0,
    shardCreatedSeconds,
    shardIndex: field(digits, 28, 32),
    sequenceIndex: undefined,
    timeSeconds: undefined,
  };
}

const field = (digits: string, from: number, to: number): number => Number.parseInt(digits.slice(from, to), 16);

const signed32 = (value: number): number => (value > MAX_SIGNED_32 ? value - 0x100000000 : value);
