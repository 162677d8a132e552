import { aboutStream } from './access-subject.ts';
import { changeMonitoring, monitoringInput, monitoringOutput } from './enhanced-monitoring.ts';
import { operation } from './operation.ts';

/**
 * Turns shard-level metrics on.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_EnableEnhancedMonitoring.html
 */
export const enableEnhancedMonitoring = operation({
  name: 'EnableEnhancedMonitoring',
  input: monitoringInput,
  output: monitoringOutput,
  faults: ['InvalidArgumentException', 'LimitExceededException', 'ResourceInUseException', 'ResourceNotFoundException'],
  rate: { callsPerSecond: 5, per: 'account' },
  about: aboutStream,
  handle: (input, deps) => changeMonitoring(input, deps, (before, named) => before || named),
});
