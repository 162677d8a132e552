import type { Limits } from '../lib/model/limits.ts';

/** The AWS service through which clients reach the dispatcher. */
export type FrontDoor = 'http' | 'function-url';

/** Capacity of the tables: paid for each request, or provisioned between bounds and scaled to 70 % utilization. */
export type TableCapacity =
  | { readonly mode: 'on-demand' }
  | { readonly mode: 'provisioned'; readonly minUnits: number; readonly maxUnits: number };

/** Where large bodies of batches are kept: in the records table, in an S3 bucket, or in a directory bucket of one zone. */
export type Bodies =
  | { readonly in: 'dynamodb' }
  | { readonly in: 's3'; readonly aboveBytes?: number; readonly bucketName?: string }
  | {
      readonly in: 's3-express';
      /** The id of the availability zone that has the bucket, such as `use1-az4`. */
      readonly zone: string;
      readonly aboveBytes?: number;
      readonly bucketName?: string;
    };

/** Tables that exist already, by their names: restored ones, or those that an earlier stack has left. */
export interface AdoptedTables {
  readonly streams: string;
  readonly records: string;
}

/** A host name of the owner's, and the ARN of a certificate for it. */
export interface CustomDomain {
  readonly name: string;
  readonly certificateArn: string;
}

/**
 * The choices of an owner. Every choice has a safe default.
 * @experimental they may change until version 0.3
 */
export interface RivuletProps {
  /** `http`: API Gateway HTTP API. `function-url`: no charge per request. Default: `http`. */
  readonly frontDoor?: FrontDoor;
  /** Whether CloudFront is in front of the function URL, for clients that require HTTP/2. Default: false. */
  readonly cloudFront?: boolean;
  /** The ARN of a web ACL of AWS WAF for CloudFront. Default: none, it costs $5 a month. */
  readonly webAclArn?: string;
  /** Default: the name that AWS gives. With a function URL, it needs CloudFront. */
  readonly customDomain?: CustomDomain;
  /** Whether the data is deleted with the stack. Default: it is kept, and protected from deletion. */
  readonly sandbox?: boolean;
  /** Default: the stack makes its tables. */
  readonly adoptTables?: AdoptedTables;
  /** The ARN of a customer-managed key for tables, secrets and bodies. Default: keys of AWS. */
  readonly kmsKeyArn?: string;
  /** Whether there are alarms: $0.10 a month each, beyond the ten free ones of an account. Default: true. */
  readonly alarms?: boolean;
  /** The address that receives the alarms. Default: CloudWatch only shows them. */
  readonly alarmEmail?: string;
  /** The ARN of a topic that receives the alarms. */
  readonly alarmTopicArn?: string;
  /** Whether there is a dashboard: $3 a month, beyond the three free ones of an account. Default: false. */
  readonly dashboard?: boolean;
  /** A budget of the whole account, USD a month, with mails at 80 % and at 100 %. Needs `alarmEmail`. Default: none. */
  readonly budgetUsd?: number;
  /** Which requests get a log line: `faults`, `all`, or `sampled:N`. Default: `faults`. */
  readonly observe?: string;
  /** The streams with metrics, by name, or `*`. Each metric costs $0.30 a month. Default: none; `*` with `observe` `all`. */
  readonly streamMetrics?: readonly string[];
  /** Whether requests are traced by X-Ray: $5 a million traces. Default: false. */
  readonly tracing?: boolean;
  /** How long logs are kept, days: a value that CloudWatch Logs supports. Default: 30. */
  readonly logRetentionDays?: number;
  /** Other values for limits, by their names in lib/model/limits.ts. */
  readonly limits?: Partial<Limits>;
  /** The most shards to which an on-demand stream grows by itself, which bounds the bill. Default: 200. */
  readonly maxOnDemandShards?: number;
  /** Memory of the dispatcher, MiB. Processing power grows with it. Default: 512. */
  readonly memorySize?: number;
  /** The most requests that run at the same time, which bounds the bill. 0: the account's limit. Default: 50. */
  readonly reservedConcurrency?: number;
  /** Requests a second that the HTTP API accepts, which bounds the bill. Default: 1000. */
  readonly requestsPerSecond?: number;
  /** Default: on-demand. */
  readonly tableCapacity?: TableCapacity;
  /** Default: in the records table. */
  readonly bodies?: Bodies;
  /** Additional host names that clients sign for, such as a proxy. */
  readonly hostNames?: readonly string[];
}
