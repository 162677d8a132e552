import { type Command, Option } from 'commander';
import { AWS, DEFAULT_ENDPOINT, DEFAULT_REGION } from '../client/endpoint-choice.ts';

/** Adds the options that say where streams are. @param prefix for commands with two endpoints, such as `from-` */
export const endpointOptions = (prefix = ''): Option[] => [
  new Option(
    `--${prefix}endpoint <url>`,
    `URL of the endpoint, or ${AWS} for Kinesis itself (default: AWS_ENDPOINT_URL, the profile's endpoint_url, or ${DEFAULT_ENDPOINT})`,
  ),
  new Option(`--${prefix}profile <name>`, 'profile of the AWS CLI: keys, region and endpoint (default: AWS_PROFILE)'),
  new Option(`--${prefix}region <name>`, `region (default: AWS_REGION, the profile's, or ${DEFAULT_REGION})`),
];

/** The options of `endpointOptions` on a command. */
export function withEndpoint<T extends Command>(command: T): T {
  for (const option of endpointOptions()) {
    command.addOption(option);
  }
  return command;
}
