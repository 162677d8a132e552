import { KinesisFault } from '../../faults.ts';
import { streamArn } from '../../model/stream.ts';
import { accessesStream } from '../../resources/accessed-resource.ts';
import { addressedStream } from '../../resources/addressed-stream.ts';
import { changeExistingStream, requireActive, updating } from '../../resources/change-stream.ts';
import { StreamArn, StreamId, StreamName, WarmThroughput } from '../../schema/shapes.ts';
import { integer, required, structure } from '../../schema/structure.ts';
import { operation } from '../operation.ts';
import { checkWarmThroughput } from './warm-throughput.ts';

/**
 * Sets the warm throughput of an on-demand stream.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateStreamWarmThroughput.html
 */
export const updateStreamWarmThroughput = operation({
  name: 'UpdateStreamWarmThroughput',
  input: structure({
    StreamARN: StreamArn,
    StreamName: StreamName,
    StreamId: StreamId,
    WarmThroughputMiBps: required(integer({ min: 0 })),
  }),
  output: structure({ StreamARN: StreamArn, StreamName: StreamName, WarmThroughput: WarmThroughput }),
  faults: [
    'ResourceNotFoundException',
    'LimitExceededException',
    'InvalidArgumentException',
    'ResourceInUseException',
    'ValidationException',
  ],
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesStream,
  async handle(input, deps) {
    const reference = addressedStream(input, deps);
    const { WarmThroughputMiBps: warmMiBps } = input;
    const stream = await changeExistingStream(reference, deps, async (stream) => {
      requireActive(stream, reference);
      if (stream.mode !== 'ON_DEMAND') {
        throw new KinesisFault('ValidationException', 'Request is invalid. Warm throughput needs On-Demand mode.');
      }
      await checkWarmThroughput(warmMiBps, deps);
      return { ...updating({ kind: 'UPDATE', changes: { warmMiBps } }, deps), warmTargetMiBps: warmMiBps };
    });
    return {
      StreamARN: streamArn(deps.account, stream.name),
      StreamName: stream.name,
      WarmThroughput: {
        TargetMiBps: warmMiBps,
        ...(stream.warmMiBps !== null && { CurrentMiBps: stream.warmMiBps }),
      },
    };
  },
});
