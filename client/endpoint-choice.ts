/** Where a command finds its streams, as the user has said it. */
export interface EndpointOptions {
  readonly endpoint?: string | undefined;
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
}

export const DEFAULT_ENDPOINT = 'http://localhost:4567';
export const DEFAULT_REGION = 'us-east-1';

/** The word that means Kinesis itself. */
export const AWS = 'aws';
