/** One setting of the server: an environment variable, and the option of the command line that stands for it. */
export interface Setting {
  readonly variable: string;
  /** Without `--`. */
  readonly option: string;
  /** What the option's value is called in help. */
  readonly value: string;
  /** For people to read. */
  readonly byDefault: string;
  readonly meaning: string;
  /** Whether the deployed functions have it too. */
  readonly deployed: boolean;
}

const setting = (variable: string, option: string, value: string, byDefault: string, meaning: string): Setting => ({
  variable,
  option,
  value,
  byDefault,
  meaning,
  deployed: false,
});

const everywhere = (...parts: Parameters<typeof setting>): Setting => ({ ...setting(...parts), deployed: true });

/**
 * Every setting, in the order of the help and of docs/configuration.md, which are both written from this table.
 * lib/configuration.ts and this folder read and check the values.
 */
export const settings: readonly Setting[] = [
  setting('PORT', 'port', 'number', '`4567`', 'the port. `0`: any free one'),
  setting(
    'CONSOLE_PORT',
    'console-port',
    'number or off',
    'one above `PORT`, or any free one',
    'the port of the [console](console.md), a page on this machine alone. `off`: none, as with `--no-console`',
  ),
  setting(
    'HOST',
    'host',
    'address',
    'this machine only',
    'the address to listen on. `0.0.0.0` means every address: set `CREDENTIALS_FILE` as well',
  ),
  setting(
    'STREAMS',
    'streams',
    'list',
    'none',
    'streams that are created if they are not there, in every region that is used, before the first request: `orders:4,clicks:on-demand`. Without a number a stream has one shard',
  ),
  setting('DATA_DIR', 'data', 'folder', 'in memory', 'a folder that keeps the data and the certificate'),
  setting(
    'DATA_SYNC',
    'data-sync',
    'on|off',
    '`off`',
    '`on`: a write reaches the disk before it is acknowledged, and survives a power cut',
  ),
  setting(
    'LOG',
    'log',
    'requests|faults|off',
    '`faults`',
    'a line for each request, for those that failed, or for none: for people on a terminal, else as JSON. Changes and refused requests are logged besides where access keys are configured',
  ),
  everywhere(
    'THROTTLING',
    'throttling',
    'on|off',
    '`off` locally, `on` deployed',
    'enforce the limits of Kinesis: reads and writes of a shard, calls of an operation, calls a day',
  ),
  everywhere(
    'LIMITS',
    'limits',
    'JSON',
    'the values of Kinesis',
    'other limits, as JSON, by their names in [lib/model/limits.ts](../lib/model/limits.ts): `{"shardRecordsPerSecond":500,"maxRecordKiB":10240}`',
  ),
  everywhere(
    'TRANSITION_MS',
    'transition-ms',
    'ms',
    '`100`',
    'the least time that a stream stays CREATING, UPDATING or DELETING, in ms',
  ),
  everywhere(
    'BODIES_BUCKET',
    'bodies-bucket',
    'name',
    'none: in the tables',
    'an S3 bucket that keeps large bodies. `AWS_ENDPOINT_URL_S3` names an S3-compatible server',
  ),
  everywhere(
    'BODIES_ABOVE',
    'bodies-above',
    'bytes',
    '`390000`; deployed by price',
    'the bytes of a packed batch above which it goes to the bucket',
  ),
  setting(
    'CREDENTIALS_FILE',
    'credentials',
    'file',
    'none: everybody is allowed everything',
    'a file of access keys. `rivulet keys add --name me --full-access --file keys.json` creates one',
  ),
  setting(
    'REGION',
    'region',
    'region',
    'every region',
    "the one region that the server has. Otherwise each region that a request is signed for has its own streams, up to 32 in all. The shell's `AWS_REGION` pins none",
  ),
  everywhere(
    'ACCOUNT_ID',
    'account-id',
    '12 digits',
    '`000000000000`',
    'the account in ARNs and messages. Locally, without this setting and without access keys, an access key id of 12 digits is an account of its own',
  ),
  setting(
    'ALLOWED_ORIGINS',
    'allowed-origins',
    'list',
    'none',
    'web pages that may call a server without access keys, besides pages of this machine: origins separated by commas, or `*`',
  ),
  everywhere(
    'HOST_NAMES',
    'host-names',
    'list',
    'none',
    'more host names for which clients may sign, separated by commas. The certificate of the local port covers them too',
  ),
  setting(
    'TLS_CERT',
    'tls-cert',
    'file',
    'a certificate for localhost',
    'a PEM file. The port accepts TLS and plain HTTP',
  ),
  setting('TLS_KEY', 'tls-key', 'file', 'a key for localhost', 'the PEM file of the key of `TLS_CERT`'),
  setting(
    'DYNAMODB_ENDPOINT',
    'dynamodb-endpoint',
    'URL',
    '[the embedded engine](engine.md)',
    'any DynamoDB-compatible endpoint to use instead',
  ),
  everywhere(
    'STREAMS_TABLE',
    'streams-table',
    'name',
    '`rivulet-streams`',
    'the name of the table of streams. Locally, each region but the first appends its name',
  ),
  everywhere(
    'RECORDS_TABLE',
    'records-table',
    'name',
    '`rivulet-records`',
    'the name of the table of records, in the same way',
  ),
  everywhere(
    'GUESSING',
    'guessing',
    'on|off',
    '`on`',
    '`on`: [guess](glossary.md) positions while one writer is at work. This saves one DynamoDB call for each put. `off`: reserve each position',
  ),
  everywhere(
    'COMPRESS_ABOVE',
    'compress-above',
    'bytes',
    '`700`; `65536` on the embedded engine',
    'compress the records of a batch when they have more bytes than this. Compression saves write units, and costs processor time',
  ),
  everywhere(
    'STREAMING',
    'streaming',
    'on|off',
    '`on` locally; deployed by the front door',
    'whether responses may be streamed. `SubscribeToShard` needs it',
  ),
  everywhere(
    'OBSERVE',
    'observe',
    'off|faults|all|sampled:N',
    '`off` locally, `faults` deployed',
    'the calls that get a log line in the form of CloudWatch: those that failed or were slow, all, or these and one in N of the others',
  ),
  everywhere(
    'STREAM_METRICS',
    'stream-metrics',
    'names',
    'none; `*` with `OBSERVE=all`',
    'the streams that have metrics, separated by commas; `*` for all. CloudWatch bills each metric',
  ),
];

/** The environment variables that stand for values by option names. @throws Error for a value of no setting */
export function environmentOf(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    settings.flatMap(({ variable, option }) => {
      const value = values[option];
      return value === undefined ? [] : [[variable, value]];
    }),
  );
}
