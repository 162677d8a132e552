import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultLog } from '../../lib/deps.ts';
import { type LocalOptions, type LocalRivulet, startRivulet } from '../../local/rivulet.ts';

/** An answer as it came over the wire. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** A well-formed signature: locally its form is all that is looked at. */
export const SIGNED = {
  Authorization:
    'AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
  'X-Amz-Date': '20260101T000000Z',
};

/** A local Rivulet and raw HTTP requests to it. */
export class TestApi {
  readonly rivulet: LocalRivulet;
  /** What was logged as a fault that nobody foresaw. */
  readonly logged: string[];

  private constructor(rivulet: LocalRivulet, logged: string[]) {
    this.rivulet = rivulet;
    this.logged = logged;
  }

  static async start(options: Partial<LocalOptions> = {}): Promise<TestApi> {
    const logged: string[] = [];
    const log: FaultLog = { error: (message, cause) => logged.push(`${message}: ${cause}`) };
    const rivulet = await startRivulet({ port: 0, host: '127.0.0.1', log, ...options });
    return new TestApi(rivulet, logged);
  }

  get endpoint(): string {
    return this.rivulet.endpoint;
  }

  close(): Promise<void> {
    return this.rivulet.close();
  }

  /** Sends a request as it stands. */
  async send(init: RequestInit, query = ''): Promise<ApiAnswer> {
    const response = await fetch(`${this.endpoint}/${query}`, init);
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : undefined,
    };
  }

  /** Calls an operation in JSON. */
  call(action: string, input: object): Promise<ApiAnswer> {
    return this.send({
      method: 'POST',
      headers: {
        ...SIGNED,
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': `Kinesis_20131202.${action}`,
      },
      body: JSON.stringify(input),
    });
  }

  /** Calls an operation that has to succeed. */
  async ok(action: string, input: object): Promise<ApiAnswer['body']> {
    const { status, body } = await this.call(action, input);
    if (status !== 200) {
      throw new Error(`${action} answered ${status}: ${JSON.stringify(body)}`);
    }
    return body;
  }

  /** Creates a stream and waits until it is ACTIVE. */
  async createStream(StreamName: string, ShardCount = 1, more: object = {}): Promise<void> {
    await this.ok('CreateStream', { StreamName, ShardCount, ...more });
    await this.inStatus(StreamName, 'ACTIVE');
  }

  async inStatus(StreamName: string, status: string): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      const { StreamDescriptionSummary } = await this.ok('DescribeStreamSummary', { StreamName });
      if (StreamDescriptionSummary.StreamStatus === status) {
        return;
      }
      await sleep(10);
    }
    throw new Error(`${StreamName} did not become ${status}`);
  }

  async gone(StreamName: string): Promise<void> {
    for (let tries = 0; tries < 500; tries++) {
      if ((await this.call('DescribeStreamSummary', { StreamName })).status === 400) {
        return;
      }
      await sleep(10);
    }
    throw new Error(`${StreamName} did not go away`);
  }
}

/** A record's data as requests carry it. */
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
