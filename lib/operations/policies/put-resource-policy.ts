import { invalidArgument } from '../../faults.ts';
import { policyProblem } from '../../model/policy-document.ts';
import { parseStrictly } from '../../model/strict-json.ts';
import { accessesResource } from '../../resources/accessed-resource.ts';
import { changeResource, RESOURCE_FAULTS } from '../../resources/tags-and-policy.ts';
import { ResourceArn, StreamId } from '../../schema/shapes.ts';
import { required, string, structure } from '../../schema/structure.ts';
import { operationWithoutOutput } from '../operation.ts';

/** The longest policy, as in other AWS services, bytes. */
const MAX_POLICY_BYTES = 20 * 1024;

/**
 * Sets the resource policy of a stream or a consumer.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutResourcePolicy.html
 */
export const putResourcePolicy = operationWithoutOutput({
  name: 'PutResourcePolicy',
  input: structure({ ResourceARN: required(ResourceArn), StreamId: StreamId, Policy: required(string({})) }),
  faults: RESOURCE_FAULTS,
  rate: { callsPerSecond: 5, per: 'account' },
  accesses: accessesResource,
  async handle(input, deps) {
    await changeResource(input.ResourceARN, deps, 'any', () => {
      checkPolicy(input.Policy);
      return { policy: input.Policy };
    });
  },
});

/** @throws KinesisFault InvalidArgumentException unless the text is a policy document */
function checkPolicy(text: string): void {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES) {
    throw invalidArgument(`Policy must not be larger than ${MAX_POLICY_BYTES} bytes.`);
  }
  if (policyProblem(parseStrictly(text), 'resource') !== undefined) {
    throw invalidArgument('Policy must be a JSON policy document.');
  }
}
