import type { BodyPlace } from './threshold.ts';

/** What an owner has chosen, as far as it changes the bill. */
export interface Deployment {
  readonly frontDoor: 'http' | 'function-url';
  readonly cloudFront: boolean;
  readonly memoryMib: number;
  /** The requests with a log line: `all`, those that are remarkable (`faults`), or one in so many of the others too. */
  readonly observe: 'faults' | 'all' | { readonly sampledOneIn: number };
  /** How many streams have metrics. */
  readonly streamsWithMetrics: number;
  /** Whether Lambda and the gateway log each request. Deployments from version 0.3 on do not, unless everything is observed. */
  readonly platformLines: boolean;
  readonly tracing: boolean;
  readonly alarms: boolean;
  readonly dashboard: boolean;
  readonly bodies: BodyPlace;
  /** Whether what is read leaves AWS' network. */
  readonly dataOut: boolean;
}

/** What is deployed without any choice. */
export const DEFAULT_DEPLOYMENT: Deployment = {
  frontDoor: 'http',
  cloudFront: false,
  memoryMib: 512,
  observe: 'faults',
  streamsWithMetrics: 0,
  platformLines: false,
  tracing: false,
  alarms: true,
  dashboard: false,
  bodies: 'dynamodb',
  dataOut: false,
};

/** What version 0.2 deployed without any choice, with its one stream. */
export const DEPLOYMENT_0_2: Deployment = {
  ...DEFAULT_DEPLOYMENT,
  memoryMib: 1_024,
  observe: 'all',
  streamsWithMetrics: 1,
  platformLines: true,
  tracing: true,
  dashboard: true,
};
