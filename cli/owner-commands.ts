import { type Command, Option } from 'commander';
import { withEndpoint } from './endpoint-options.ts';

/** Adds the commands for owners: access keys, cost, and checking an endpoint. */
export function addOwnerCommands(program: Command): void {
  addKeys(program);
  program
    .command('cost')
    .description('estimate what a month of some traffic costs on Rivulet and on Kinesis')
    .option('--streams <number>', 'streams that all have this traffic', '1')
    .option('--records-per-second <number>', 'records a second of one stream', '1')
    .option('--record-bytes <bytes>', 'size of a record', '200')
    .option('--batch <records>', 'records of one put', '1')
    .option('--consumers <number>', 'consumers that poll every shard once a second', '1')
    .option('--subscriptions <number>', 'consumers that are subscribed to every shard (enhanced fan-out)', '0')
    .option('--shards <number>', 'shards of one stream (default: as many as Kinesis needs for the rate)')
    .option('--retention-hours <hours>', 'retention period', '24')
    .option('--busy-hours <hours>', 'hours of a month with traffic', '730')
    .addOption(new Option('--front-door <name>', 'front door').choices(['http', 'function-url']).default('http'))
    .option('--cloudfront', 'CloudFront in front of the function URL')
    .option('--memory <MiB>', 'memory of the dispatcher', '512')
    .option('--observe <choice>', 'requests with a log line: faults, all, sampled:N', 'faults')
    .option('--stream-metrics <number|all>', 'streams that have metrics', '')
    .option('--tracing', 'X-Ray traces')
    .option('--no-alarms', 'without alarms')
    .option('--dashboard', 'with a dashboard')
    .addOption(
      new Option('--bodies <place>', 'where large bodies are kept')
        .choices(['dynamodb', 's3', 's3-express'])
        .default('dynamodb'),
    )
    .option('--data-out', 'what is read leaves AWS')
    .option('--levers', 'also what each choice alone saves of what version 0.2 deployed')
    .option('--svg <file>', 'draw the bills as bars into this file')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/cost.ts')).cost(options));
  program
    .command('adopt')
    .description('prepare restored DynamoDB tables for a deployment that adopts them, while nobody writes to them')
    .requiredOption('--streams-table <name>', 'the streams table')
    .requiredOption('--records-table <name>', 'the records table')
    .option('--bodies-bucket <name>', 'the bucket with large bodies, if the deployment has one')
    .option('--region <name>', 'the region of the tables (default: that of the AWS profile or the environment)')
    .option('--json', 'print JSON')
    .action(async (options) => (await import('./commands/adopt.ts')).adopt(options));
  withEndpoint(
    program
      .command('verify')
      .description('check that an endpoint does what Kinesis does, with a stream that is created and deleted for it'),
  )
    .option('--json', 'print JSON, a line for each check')
    .action(async (options) => (await import('./commands/verify.ts')).verify(options));
}

/** Where a command finds the access keys. */
const withPlace = <T extends Command>(command: T): T => {
  command.addOption(new Option('--secret <name or ARN>', 'the secret of a deployment (in the account of AWS_PROFILE)'));
  command.addOption(new Option('--file <path>', 'the file of a local server'));
  return command;
};

/** What is done with a new key. */
const withProfile = <T extends Command>(command: T): T => {
  command.addOption(new Option('--profile <name>', 'the profile of the AWS CLI that gets the key').default('rivulet'));
  command.addOption(
    new Option('--endpoint <url>', "the profile's endpoint (default with --file: http://localhost:4567)"),
  );
  command.addOption(new Option('--region <name>', "the profile's region").default('us-east-1'));
  command.addOption(new Option('--overwrite', 'replace the key, endpoint and region of a profile that exists'));
  command.addOption(new Option('--print', 'print lines for a shell instead, and write no profile'));
  return command;
};

function addKeys(program: Command): void {
  const keys = program
    .command('keys')
    .description('access keys of a deployment or of a local server, and what they may do');
  withProfile(withPlace(keys.command('add').description('make a key, and a profile of the AWS CLI that uses it')))
    .option('--name <user>', 'the user whose key it is')
    .option('--policy <file>', 'a policy document that says what the key may do')
    .option('--full-access', 'the key may do everything')
    .option('--root', "the account's root user: everything, also change resource policies that deny it that")
    .action(async (options) => (await import('./commands/keys.ts')).add(options));
  withPlace(keys.command('list').description('every key and what it may do, without its secret'))
    .option('--json', 'print JSON, a line for each key')
    .action(async (options) => (await import('./commands/keys.ts')).list(options));
  withPlace(keys.command('policy').description('what a key may do from now on'))
    .requiredOption('--key <access key id>', 'the key')
    .option('--policy <file>', 'a policy document')
    .option('--full-access', 'the key may do everything')
    .action(async (options) => (await import('./commands/keys.ts')).changePolicy(options));
  withPlace(keys.command('revoke').description('take a key away; it works for half a minute more'))
    .requiredOption('--key <access key id>', 'the key')
    .action(async (options) => (await import('./commands/keys.ts')).revoke(options));
  withProfile(withPlace(keys.command('rotate').description('make a new key for the user of another one')))
    .requiredOption('--key <access key id>', 'the old key')
    .option('--grace-hours <hours>', 'how long the old key works on', '24')
    .action(async (options) => (await import('./commands/keys.ts')).rotate(options));
}
