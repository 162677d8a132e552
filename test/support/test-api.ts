import type { TrailLine } from '../../functions/trail.ts';
import type { FaultLog } from '../../lib/deps.ts';
import { type LocalServer, type ServerOptions, startServer } from '../../local/server.ts';
import { type Engine, startEngine } from './dynamodb-engines.ts';
import type { TestClock } from './test-clock.ts';
import { TransitionGate } from './transition-gate.ts';
import { until } from './until.ts';

/** A response as it came over the wire. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any;
}

/** Headers with a well-formed signature. Without configured credentials, the local server checks only its form. */
export const SIGNED = {
  Authorization:
    'AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host;x-amz-date, Signature=00',
  'X-Amz-Date': '20260101T000000Z',
};

/**
 * The engine that replaces the embedded one, as in `TEST_ENGINE=dynoxide npm run test:only`. Undefined if none is set,
 * or if the options already choose a store or an endpoint.
 */
async function chosenEngine({ store, environment }: Partial<ServerOptions>): Promise<Engine | undefined> {
  const name = process.env.TEST_ENGINE as Engine['name'] | undefined;
  const isFree = store === undefined && environment?.DYNAMODB_ENDPOINT === undefined;
  return name !== undefined && isFree ? startEngine(name, undefined) : undefined;
}

type TestOptions = Partial<Omit<ServerOptions, 'clock'>> & { readonly clock?: TestClock };

/**
 * A local Rivulet, and raw HTTP requests to it. Transitions take their steps at once and do not wait for their time. A
 * test can hold them.
 */
export class TestApi {
  readonly rivulet: LocalServer;
  /** The unexpected errors that were logged. */
  readonly logged: string[];
  /** The lines of the trail: changes and refused requests. */
  readonly trail: TrailLine[];
  readonly #transitions: TransitionGate;
  readonly #clock: TestClock | undefined;
  readonly #engine: Engine | undefined;

  private constructor(
    rivulet: LocalServer,
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

  /** @param clock the clock that the handlers use; undefined: real time */
  static async start({ clock, ...options }: TestOptions = {}): Promise<TestApi> {
    const logged: string[] = [];
    const log: FaultLog = { error: (message, cause) => logged.push(`${message}: ${cause}`) };
    const trail: TrailLine[] = [];
    const transitions = new TransitionGate();
    const engine = await chosenEngine(options);
    const rivulet = await startServer({
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

  /** Sends a request unchanged. */
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

  /** Calls an operation in JSON, whatever the status of the response. */
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

  /** Calls an operation in JSON. @returns the body @throws Error unless the status is 200 */
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

  /** Does something while no transition makes progress: a stream that is CREATING, UPDATING or DELETING stays so. */
  whileTransitionsAreHeld<T>(work: () => Promise<T>): Promise<T> {
    return this.#transitions.whileHeld(work);
  }

  /**
   * Waits until a stream has a status. When a describe call is throttled, a clock of the test moves to the next
   * second.
   */
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

  /** Waits until no stream has a name. */
  gone(StreamName: string): Promise<void> {
    return until(async () => {
      const { body } = await this.call('DescribeStreamSummary', { StreamName });
      return body.__type === 'ResourceNotFoundException';
    });
  }
}

/** A record's data as JSON requests carry it. */
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
