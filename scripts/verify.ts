import { parseArgs } from 'node:util';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { checks } from './verify-checks.ts';

/**
 * `npm run verify -- --endpoint URL --region R`: checks that an endpoint does what Kinesis does. The endpoint is a
 * deployed Rivulet, or Kinesis itself (without `--endpoint`). Credentials come from the environment, as for every AWS
 * tool. The script creates one stream, and deletes it.
 */
const { values } = parseArgs({ options: { endpoint: { type: 'string' }, region: { type: 'string' } } });

const client = new KinesisClient({
  ...(values.endpoint && { endpoint: values.endpoint }),
  region: values.region ?? process.env.AWS_REGION ?? 'us-east-1',
  requestHandler: new NodeHttpHandler(),
});
const endpoint = { client, stream: `verify-${Date.now()}` };
for (const { name, run } of checks) {
  try {
    await run(endpoint);
    console.log(`ok      ${name}`);
  } catch (error) {
    process.exitCode = 1;
    console.log(`FAILED  ${name}\n        ${error instanceof Error ? error.message : error}`);
  }
}
client.destroy();
