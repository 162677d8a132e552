import { accessesStream } from '../../resources/accessed-resource.ts';
import { operation } from '../operation.ts';
import { changeMonitoring, monitoringInput, monitoringOutput } from './enhanced-monitoring.ts';

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
  accesses: accessesStream,
  handle: (input, deps) => changeMonitoring(input, deps, (before, named) => before || named),
});
