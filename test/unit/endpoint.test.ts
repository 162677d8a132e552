import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { tellCopyingCost, tellLoadCost, tellReadingCost } from '../../client/cost-notice.ts';
import { type Endpoint, openEndpoint } from '../../client/endpoint.ts';
import type { EndpointOptions } from '../../client/endpoint-choice.ts';

const CONFIG = `[profile local]
region = eu-west-1
endpoint_url = http://localhost:4600

[profile aws]
region = eu-central-1

[profile by-service]
services = streams

[services streams]
kinesis =
  endpoint_url = https://streams.example.com
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'rivulet-endpoint-'));
  writeFileSync(path.join(folder, 'config'), CONFIG);
  for (const name of Object.keys(process.env).filter((one) => one.startsWith('AWS_'))) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_CONFIG_FILE', path.join(folder, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(folder, 'credentials'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

async function opened(options: EndpointOptions) {
  const { client, name, kind, region } = await openEndpoint(options);
  client.destroy();
  return [name, kind, region];
}

describe('the endpoint of a command', () => {
  it('is a server on this machine unless something says otherwise, and never Kinesis by accident', async () => {
    expect(await opened({})).toEqual(['http://localhost:4567', 'local', 'us-east-1']);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIA');
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-north-1');
    expect(await opened({})).toEqual(['http://localhost:4567', 'local', 'eu-north-1']);
  });

  it('is what an option, the environment or a profile says, in this order', async () => {
    expect(await opened({ profile: 'local' })).toEqual(['http://localhost:4600', 'local', 'eu-west-1']);
    expect(await opened({ profile: 'by-service' })).toEqual(['https://streams.example.com', 'deployed', 'us-east-1']);
    vi.stubEnv('AWS_PROFILE', 'local');
    expect(await opened({ region: 'us-west-2' })).toEqual(['http://localhost:4600', 'local', 'us-west-2']);
    vi.stubEnv('AWS_ENDPOINT_URL', 'https://abc.lambda-url.eu-west-1.on.aws');
    expect(await opened({})).toEqual(['https://abc.lambda-url.eu-west-1.on.aws', 'deployed', 'eu-west-1']);
    vi.stubEnv('AWS_ENDPOINT_URL_KINESIS', 'http://127.0.0.1:4700');
    expect(await opened({})).toEqual(['http://127.0.0.1:4700', 'local', 'eu-west-1']);
    expect(await opened({ endpoint: 'http://[::1]:4800' })).toEqual(['http://[::1]:4800', 'local', 'eu-west-1']);
  });

  it('is Kinesis itself by its name, or by a profile without an endpoint', async () => {
    expect(await opened({ endpoint: 'aws', region: 'eu-west-3' })).toEqual([
      'Kinesis in eu-west-3',
      'aws',
      'eu-west-3',
    ]);
    expect(await opened({ profile: 'aws' })).toEqual(['Kinesis in eu-central-1', 'aws', 'eu-central-1']);
    expect(await opened({ endpoint: 'https://kinesis.us-east-1.amazonaws.com' })).toMatchObject([
      'https://kinesis.us-east-1.amazonaws.com',
      'aws',
      'us-east-1',
    ]);
  });

  it.each([
    [{ endpoint: 'localhost:4567' }, '--endpoint must be aws or a URL'],
    [{ endpoint: 'ftp://x' }, '--endpoint must be aws or a URL'],
    [{ profile: 'nobody' }, 'there is no profile nobody: local, aws, by-service'],
  ])('is refused that makes no sense: %j', async (options, sentence) => {
    await expect(openEndpoint(options)).rejects.toThrow(sentence);
  });
});

describe('the cost of a command', () => {
  const at = (kind: Endpoint['kind']) => ({ kind }) as Endpoint;
  const load = { rate: 1_000, recordBytes: 200, batch: 100, seconds: 60, consumers: 1, shards: 1 };
  let told: string[];

  beforeEach(() => {
    told = [];
    vi.spyOn(console, 'error').mockImplementation((text: string) => void told.push(text));
  });

  afterEach(() => vi.restoreAllMocks());

  it('is told before it begins, unless it is on this machine', () => {
    tellReadingCost(at('local'), 4, true);
    tellCopyingCost(at('local'), at('local'), 4);
    tellLoadCost(at('local'), load);
    expect(told).toEqual([]);
    tellReadingCost(at('aws'), 4, false);
    tellReadingCost(at('aws'), 4, true);
    tellReadingCost(at('deployed'), 4, false);
    tellReadingCost(at('deployed'), 4, true);
    tellCopyingCost(at('aws'), at('deployed'), 1);
    tellCopyingCost(at('deployed'), at('aws'), 1);
    tellLoadCost(at('aws'), load);
    tellLoadCost(at('deployed'), load);
    expect(told).toHaveLength(10);
    // Four consumer-shard-hours.
    expect(told[1]).toContain('$0.06 an hour for 4 shards');
    // 60,000 put units at $0.014 a million.
    expect(told[8]).toContain('$0.0008 on a provisioned stream');
  });
});
