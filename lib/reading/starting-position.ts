import type { Deps } from '../deps.ts';
import { ImitatedFailure, invalidArgument } from '../faults.ts';
import { horizonPosition, latestPosition, positionAtTime } from '../log/locate.ts';
import { positionOfSequenceIndex, type RecordPosition } from '../model/position.ts';
import { parseSequenceNumber } from '../model/sequence-number.ts';
import { shardId } from '../model/shard.ts';
import { horizonMs } from '../model/stream.ts';
import type { ShardContext } from '../resources/existing-shard.ts';
import { newestBatch } from '../store/batch-item.ts';

/** The place at which a consumer wants to begin. */
export interface StartingPosition {
  readonly type: 'AFTER_SEQUENCE_NUMBER' | 'LATEST' | 'AT_TIMESTAMP' | 'AT_SEQUENCE_NUMBER' | 'TRIM_HORIZON';
  readonly sequenceNumber?: string | undefined;
  /** Epoch ms. */
  readonly timestampMs?: number | undefined;
}

/** Where the first read begins. */
export interface LocatedPosition extends RecordPosition {
  /** Records that arrived earlier are skipped, up to the first one that did not, epoch ms. */
  readonly notBeforeMs?: number;
}

/**
 * Checks a starting position, with the order and the messages of the real service.
 * @throws KinesisFault InvalidArgumentException, or InternalFailure for numbers of the oldest layout, as it does
 */
export async function checkStartingPosition(start: StartingPosition, context: ShardContext, deps: Deps): Promise<void> {
  const { type, sequenceNumber, timestampMs } = start;
  const bySequenceNumber = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (sequenceNumber !== undefined && !bySequenceNumber) {
    throw invalidArgument(`${COMBINATION_SENTENCE} Request specified ${type} and also a StartingSequenceNumber.`);
  }
  if (sequenceNumber !== undefined) {
    checkSequenceNumber(sequenceNumber, context);
  } else if (bySequenceNumber) {
    throw invalidArgument(`${COMBINATION_SENTENCE} Request specified ${type} and no StartingSequenceNumber.`);
  }
  if (type !== 'AT_TIMESTAMP') {
    return;
  }
  if (timestampMs === undefined) {
    throw invalidArgument(
      'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
    );
  }
  const nowMs = deps.now();
  if (timestampMs > nowMs && !(await hasArrivedSince(timestampMs, context, deps))) {
    throw invalidArgument(
      'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. ' +
        `timestampInMillis: ${timestampMs}, currentTimestampInMillis: ${nowMs}`,
    );
  }
}

/** Whether the shard has a record of that time or later: the clock that dated it may be ahead of this one. */
async function hasArrivedSince(timestampMs: number, { stream, shard }: ShardContext, deps: Deps): Promise<boolean> {
  const newest = await newestBatch(deps.tables, { streamId: stream.id, shardIndex: shard.index });
  return newest?.kind === 'data' && newest.arrivalMs >= timestampMs;
}

const COMBINATION_SENTENCE =
  'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or ' +
  '(2) TRIM_HORIZON or LATEST and no StartingSequenceNumber.';

function checkSequenceNumber(sequenceNumber: string, { reference, shard }: ShardContext): void {
  const parts = parseSequenceNumber(sequenceNumber);
  const used =
    `StartingSequenceNumber ${sequenceNumber} used in GetShardIterator on shard ${shardId(shard.index)} ` +
    `in stream ${reference.streamName} under account ${reference.accountId} is invalid`;
  if (parts === undefined) {
    throw invalidArgument(`${used}.`);
  }
  if (parts.shardIndex !== shard.index) {
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${shardId(parts.shardIndex)}, ` +
        `while it was used in a call to a shard with ${shardId(shard.index)}`,
    );
  }
  if (parts.version === 0) {
    throw new ImitatedFailure();
  }
  if (parts.version !== 2 || parts.shardCreatedSeconds !== shard.createdSeconds) {
    throw invalidArgument(`${used} because it did not come from this stream.`);
  }
}

/** The place in the log of a checked starting position. */
export async function locateStart(
  { type, sequenceNumber, timestampMs }: StartingPosition,
  { readAt, stream, shard }: ShardContext,
  deps: Deps,
): Promise<LocatedPosition> {
  const log = { streamId: stream.id, shardIndex: shard.index };
  switch (type) {
    case 'TRIM_HORIZON':
      return { position: await horizonPosition(deps.tables, log, horizonMs(stream, readAt.wallMs)), offset: 0 };
    case 'LATEST':
      return { position: await latestPosition(deps.tables, log), offset: 0 };
    case 'AT_TIMESTAMP': {
      const notBeforeMs = timestampMs as number;
      const fromMs = Math.max(notBeforeMs, horizonMs(stream, readAt.wallMs));
      return { position: await positionAtTime(deps.tables, log, fromMs), offset: 0, notBeforeMs };
    }
    default: {
      const index = parseSequenceNumber(sequenceNumber as string)?.sequenceIndex ?? 0n;
      const wanted = positionOfSequenceIndex(type === 'AFTER_SEQUENCE_NUMBER' ? index + 1n : index);
      return shard.state === 'OPEN' ? wanted : notBeyond(wanted, await latestPosition(deps.tables, log));
    }
  }
}

/** The ending sequence number of a closed shard is beyond its seal. A read from the seal on finds that the shard has ended. */
const notBeyond = (wanted: RecordPosition, seal: number): RecordPosition =>
  wanted.position > seal ? { position: seal, offset: 0 } : wanted;
