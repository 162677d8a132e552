import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { consumerCosts } from '../../client/cost-notice.ts';
import type { Endpoint } from '../../client/endpoint.ts';
import { sentenceOf } from '../../client/failure.ts';
import type { About, StreamRates, Traffic } from '../wire.ts';
import { BadCall, type LineStream } from './answers.ts';
import { isAllowed, isChange } from './operations.ts';
import { type Answer, signedCalls } from './signed-call.ts';
import { parseTail } from './tail.ts';
import { TrafficSource } from './traffic.ts';
import { parseWatch } from './watch.ts';

type Input = Readonly<Record<string, unknown>>;

/** What the page may ask for. */
export interface Calls {
  about(): Promise<About>;
  /** Calls an operation of the endpoint. @throws BadCall if the console does not allow it, or the endpoint cannot be reached */
  call(operation: string, body: Buffer, signal: AbortSignal): Promise<Answer>;
  traffic(input: Input): Promise<Traffic>;
  rates(): Promise<StreamRates>;
  /** @throws BadCall for an input that is wrong */
  tail(input: Input): (lines: LineStream) => Promise<void>;
  watch(input: Input): (lines: LineStream) => Promise<void>;
}

/** What a console is started with. */
export interface CallOptions {
  readonly endpoint: Endpoint;
  /** The region that is looked at as long as none is chosen. Undefined: that of the endpoint. */
  readonly ownRegion?: string;
  readonly profile: string | undefined;
  readonly readOnly: boolean;
  readonly version: string;
  /** Undefined: there are no keys for CloudWatch. */
  readonly cloudWatch: CloudWatchClient | undefined;
}

/** What the page of a console may ask for, all of it at one endpoint. */
export function createCalls({
  endpoint,
  ownRegion = endpoint.region,
  profile,
  readOnly,
  version,
  cloudWatch,
}: CallOptions): Calls {
  const { name, url, region, kind } = endpoint;
  const source = new TrafficSource(endpoint, cloudWatch);
  const send = signedCalls(endpoint);
  return {
    about: async () => ({
      endpoint: name,
      url: kind === 'aws' ? undefined : url,
      region,
      regions: [...new Set([region, ownRegion, ...(await source.regions())])].sort(),
      kind,
      profile,
      readOnly,
      consumerCosts: consumerCosts(endpoint),
      version,
    }),
    async call(operation, body, signal) {
      if (!isAllowed(operation, readOnly)) {
        throw isChange(operation)
          ? forLookingOnly()
          : new BadCall('The console has no such operation.', 403, 'Forbidden');
      }
      try {
        return await send(operation, body, signal);
      } catch (error) {
        throw new BadCall(sentenceOf(error, name), 502, 'EndpointUnreachable');
      }
    },
    traffic: ({ stream }) => source.traffic(typeof stream === 'string' ? stream : undefined),
    rates: () => source.rates(),
    tail: (input) => parseTail(endpoint, input),
    watch(input) {
      if (readOnly) {
        // A subscription ends the one that its consumer has.
        throw forLookingOnly();
      }
      return parseWatch(endpoint, input);
    },
  };
}

const forLookingOnly = (): BadCall => new BadCall('This console was started for looking only.', 403, 'ReadOnly');
