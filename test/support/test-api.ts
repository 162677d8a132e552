import type { TrailLine } from '../../functions/trail.ts';
import type { FaultLog } from '../../lib/deps.ts';
import { type LocalOptions, type LocalRivulet, startRivulet } from '../../local/rivulet.ts';
import { type Engine, startEngine } from './dynamodb-engines.ts';
import type { TestClock } from './test-clock.ts';
import { TransitionGate } from './transition-gate.ts';
import { until } from './until.ts';

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

/** `TEST_ENGINE=dynoxide npm run test:only`: everything on another engine than the embedded one. */
async function chosenEngine({ store, environment }: Partial<LocalOptions>): Promise<Engine | undefined> {
  const name = process.env.TEST_ENGINE as Engine['name'] | undefined;
  const isFree = store === undefined && environment?.DYNAMODB_ENDPOINT === undefined;
  return name !== undefined && isFree ? startEngine(name, undefined) : undefined;
}

type TestOptions = Partial<LocalOptions> & { readonly clock?: TestClock };

/**
 * A local Rivulet and raw HTTP requests to it. Transitions take their steps at once, whatever their time, but while a test
 * holds them.
 */
export class TestApi {
  readonly rivulet: LocalRivulet;
  /** What was logged as a fault that nobody foresaw. */
  readonly logged: string[];
  /** The changes and refusals that were told of. */
  readonly trail: TrailLine[];
  readonly #transitions: TransitionGate;
  readonly #clock: TestClock | undefined;
  readonly #engine: Engine | undefined;

  private constructor(
    rivulet: LocalRivulet,
    logged: string[],
    trail: TrailLine[],
    transitions: TransitionGate,
    clock: TestClock | undefined,
    engine: Engine | undefined,
  ) {
    this.rivulet = rivulet;
    this.logged = logged;
    this.trail = trail;
    this.#transitions = transitions;
    this.#clock = clock;
    this.#engine = engine;
  }

  /** @param clock what the handlers go by; undefined: real time */
  static async start({ clock, ...options }: TestOptions = {}): Promise<TestApi> {
    const logged: string[] = [];
    const log: FaultLog = { error: (message, cause) => logged.push(`${message}: ${cause}`) };
    const trail: TrailLine[] = [];
    const transitions = new TransitionGate();
    const engine = await chosenEngine(options);
    const rivulet = await startRivulet({
      port: 0,
      host: '127.0.0.1',
      log,
      trail: { write: (line) => trail.push(line) },
      settle: transitions.passed,
      ...(clock && { now: clock.now }),
      ...options,
      ...(engine && { environment: { ...options.environment, DYNAMODB_ENDPOINT: engine.endpoint } }),
    });
    return new TestApi(rivulet, logged, trail, transitions, clock, engine);
  }

  get endpoint(): string {
    return this.rivulet.endpoint;
  }

  async close(): Promise<void> {
    await this.rivulet.close();
    await this.#engine?.close();
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

  /** Does something while streams stay CREATING, UPDATING or DELETING once they are. */
  whileTransitionsAreHeld<T>(work: () => Promise<T>): Promise<T> {
    return this.#transitions.whileHeld(work);
  }

  /** Waits until a stream is in a status. Where describe calls are throttled, a clock of the test is turned on. */
  inStatus(StreamName: string, status: string): Promise<void> {
    return until(async () => {
      const { body } = await this.call('DescribeStreamSummary', { StreamName });
      if (body.__type === 'LimitExceededException') {
        this.#clock?.nextSecond();
        return false;
      }
      if (body.StreamDescriptionSummary === undefined) {
        throw new Error(`${StreamName} cannot be described: ${JSON.stringify(body)}`);
      }
      return body.StreamDescriptionSummary.StreamStatus === status;
    });
  }

  /** Waits until there is no stream of a name. */
  gone(StreamName: string): Promise<void> {
    return until(async () => {
      const { body } = await this.call('DescribeStreamSummary', { StreamName });
      return body.__type === 'ResourceNotFoundException';
    });
  }
}

/** A record's data as requests carry it. */
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
