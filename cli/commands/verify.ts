import { openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';
import { EXIT, sentenceOf } from '../../client/failure.ts';
import { printJson } from '../output.ts';
import { checks } from '../verify/checks.ts';

/** Checks that an endpoint does what Kinesis does. Every check runs; the exit code tells whether one has failed. */
export async function verify({
  json,
  ...where
}: EndpointOptions & { readonly json?: true | undefined }): Promise<void> {
  const { client, name: endpointName } = await openEndpoint(where);
  const endpoint = { client, stream: `verify-${Date.now()}` };
  for (const { name, run } of checks) {
    let problem: string | undefined;
    try {
      await run(endpoint);
    } catch (error) {
      problem = sentenceOf(error, endpointName);
      process.exitCode = EXIT.failed;
    }
    if (json) {
      printJson({ check: name, passed: problem === undefined, ...(problem !== undefined && { problem }) });
    } else {
      console.log(problem === undefined ? `ok      ${name}` : `FAILED  ${name}\n        ${problem}`);
    }
  }
  client.destroy();
}
