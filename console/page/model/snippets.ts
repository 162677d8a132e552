import { AWS, DEFAULT_ENDPOINT } from '../../../client/endpoint-choice.ts';
import type { About } from '../../wire.ts';

/** How a program in some language puts and reads, with the real endpoint. */
export interface Snippet {
  readonly language: string;
  readonly code: string;
}

const quoted = (text: string): string => JSON.stringify(text);

/** Text as one word of a shell. */
export const shellWord = (text: string): string =>
  /^[\w.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** An option and its value. A value that begins with a dash would be taken for an option of its own. */
export const cliOption = (name: string, value: string): string =>
  `--${name}${value.startsWith('-') ? '=' : ' '}${shellWord(value)}`;

/** Whether the AWS CLI takes a value as it is: of one that begins like these it reads the file, or asks the server. */
export const isPlainValue = (value: string): boolean => !/^(file|fileb|https?):\/\//.test(value);

/** The options by which the AWS CLI finds the endpoint. */
export const cliOptions = ({ url, region, profile }: About): string =>
  [
    ...(profile === undefined ? [] : [`--profile ${shellWord(profile)}`]),
    `--region ${region}`,
    ...(url === undefined ? [] : [`--endpoint-url ${shellWord(url)}`]),
  ].join(' ');

/**
 * What to add to a line of `rivulet`, so that it finds the endpoint: nothing for the usual server of this machine. Elsewhere the
 * endpoint is always said, because a profile alone may mean Kinesis itself.
 * @param chosen the region that was chosen in this tab
 */
export function rivuletOptions({ kind, url, region, profile }: About, chosen: string | undefined): string {
  const isUsual = url === DEFAULT_ENDPOINT && profile === undefined;
  return [
    ...(isUsual ? [] : [`--endpoint ${shellWord(url ?? AWS)}`]),
    ...(profile === undefined ? [] : [`--profile ${shellWord(profile)}`]),
    ...(kind === 'local' && chosen === undefined ? [] : [`--region ${region}`]),
  ]
    .map((option) => ` ${option}`)
    .join('');
}

/** A local server takes any key, but clients want one. */
const anyKey = ({ kind, profile }: About): boolean => kind === 'local' && profile === undefined;

export function snippets(stream: string, about: About): Snippet[] {
  const { url, region } = about;
  const name = quoted(stream);
  const keys = anyKey(about);
  return [
    {
      language: 'CLI',
      code: [
        ...(keys ? ['export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any'] : []),
        `aws ${cliOptions(about)} kinesis put-record ${cliOption('stream-name', stream)} \\`,
        `  --partition-key a --data "$(printf hello | base64)"`,
      ].join('\n'),
    },
    {
      language: 'JavaScript',
      code: [
        `import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';`,
        '',
        'const kinesis = new KinesisClient({',
        `  region: ${quoted(region)},`,
        ...(url === undefined ? [] : [`  endpoint: ${quoted(url)},`]),
        ...(keys ? [`  credentials: { accessKeyId: 'any', secretAccessKey: 'any' },`] : []),
        '});',
        'await kinesis.send(',
        `  new PutRecordCommand({ StreamName: ${name}, PartitionKey: 'a', Data: Buffer.from('hello') }),`,
        ');',
      ].join('\n'),
    },
    {
      language: 'Python',
      code: [
        'import boto3',
        '',
        'kinesis = boto3.client(',
        '    "kinesis",',
        `    region_name=${quoted(region)},`,
        ...(url === undefined ? [] : [`    endpoint_url=${quoted(url)},`]),
        ...(keys ? ['    aws_access_key_id="any",', '    aws_secret_access_key="any",'] : []),
        ')',
        `kinesis.put_record(StreamName=${name}, PartitionKey="a", Data=b"hello")`,
      ].join('\n'),
    },
    {
      language: 'Java',
      code: [
        'KinesisClient kinesis = KinesisClient.builder()',
        `    .region(Region.of(${quoted(region)}))`,
        ...(url === undefined ? [] : [`    .endpointOverride(URI.create(${quoted(url)}))`]),
        ...(keys
          ? ['    .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("any", "any")))']
          : []),
        '    .build();',
        `kinesis.putRecord(request -> request.streamName(${name})`,
        '    .partitionKey("a").data(SdkBytes.fromUtf8String("hello")));',
      ].join('\n'),
    },
  ];
}
