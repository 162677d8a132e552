/** The state of a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StreamDescription.html */
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** The shard to split, and the first key of its upper child as decimal digits. */
export interface SplitPoint {
  readonly shardIndex: number;
  readonly newStartingHashKey: string;
}

/** Two neighbours to merge: the shard with the lower hash keys, and the other. */
export interface MergePair {
  readonly shardIndex: number;
  readonly adjacentIndex: number;
}

/** What a transition does to its stream. */
export type TransitionWork =
  | { readonly kind: 'CREATE' }
  | { readonly kind: 'DELETE' }
  | { readonly kind: 'SPLIT'; readonly splits: readonly SplitPoint[] }
  | ({ readonly kind: 'MERGE' } & MergePair)
  /** Several merges at once, by which an on-demand stream scales down. */
  | { readonly kind: 'MERGES'; readonly pairs: readonly MergePair[] }
  | { readonly kind: 'SCALE'; readonly targetShardCount: number }
  /** Members that get their new value when the stream becomes ACTIVE again. */
  | { readonly kind: 'UPDATE'; readonly changes: Partial<Pick<Stream, UpdatedMember>> };

/** Members whose change takes the stream through UPDATING. */
type UpdatedMember = 'mode' | 'maxRecordKiB' | 'keyId' | 'shardLevelMetrics' | 'warmMiBps';

/** A run of the lifecycle workflow (docs/glossary.md): an operation starts it, steps complete it. */
export interface WorkflowRun {
  /** Unique; the name of the workflow's execution. */
  readonly id: string;
  /** When it was requested, epoch ms. */
  readonly startedMs: number;
  /** Its steps wait until then, epoch ms. */
  readonly notBeforeMs: number;
  /** When a step last made progress, epoch ms. */
  readonly progressedMs?: number;
}

/** A run that moves the expiry of stored items, in passes. Each pass begins with the oldest. */
export interface ExpiryRewrite extends WorkflowRun {
  /** Everything that arrived earlier has been moved, epoch ms. Undefined: nothing yet. */
  readonly movedMs?: number;
  /**
   * True: `notBeforeMs` comes from a step that had read the longer retention period. Else: from the call that
   * increased it.
   */
  readonly isDated?: true;
  /** When the next pass may begin, if one was requested during this one; epoch ms. */
  readonly againMs?: number;
}

/** A change of state that the lifecycle workflow performs. A stream has at most one. */
export type Transition = WorkflowRun & TransitionWork;

/** A stream's metadata. */
export interface Stream {
  readonly name: string;
  /** Unique for each creation: a deleted stream and a new one with its name have different ids. */
  readonly id: string;
  /** Grows with every change. A change names the revision that it has read. */
  readonly revision: number;
  readonly status: StreamStatus;
  readonly mode: StreamMode;
  /** Epoch ms. */
  readonly createdMs: number;
  readonly retentionHours: number;
  /** Records that arrived earlier had expired when the retention period was increased, and stay expired; epoch ms. */
  readonly trimmedMs?: number;
  readonly maxRecordKiB: number;
  /** How many shards are open. While the stream is CREATING: how many will be. */
  readonly openShardCount: number;
  /** The index of the next new shard. Shards are numbered in the order of their creation. */
  readonly nextShardIndex: number;
  /** How many indexes are left out when the reshard that is under way ends: an adoption has asked for it (docs/log.md#adoption). */
  readonly skippedIndexes?: number;
  /** False until the stream becomes ACTIVE for the first time. */
  readonly activated: boolean;
  /** Enhanced monitoring: the enabled shard-level metrics. */
  readonly shardLevelMetrics: readonly string[];
  /** The KMS key that the stream was given; `null` for none. */
  readonly keyId: string | null;
  /** Warm throughput of an on-demand stream: the current one, and the last requested one; `null` for none. */
  readonly warmMiBps: number | null;
  readonly warmTargetMiBps: number | null;
  /** When an on-demand stream is next looked at for shards to merge, epoch ms. Undefined: not before it was scaled, or became one. */
  readonly scaleDownMs?: number;
  /** Whether the stream ever had a resource policy. Only then is one read. */
  readonly mayHavePolicy: boolean;
  /** The times of the last calls of operations with a daily limit, by operation name; epoch ms, ascending. */
  readonly calledMs: Readonly<Record<string, readonly number[]>>;
  readonly transition?: Transition;
  /** Moves the expiry of stored items after the retention period was increased. */
  readonly expiryRewrite?: ExpiryRewrite;
}

/** Whether producers may write and consumers may read. */
export function isServing(stream: Stream): boolean {
  return stream.status === 'ACTIVE' || stream.status === 'UPDATING';
}

/** The retention period in ms. */
export function retentionMs(stream: Stream): number {
  return stream.retentionHours * 3_600_000;
}

/** Records that arrived earlier have expired, epoch ms. */
export function horizonMs(stream: Stream, nowMs: number): number {
  return Math.max(nowMs - retentionMs(stream), stream.trimmedMs ?? 0);
}

/** The account in ARNs and error messages. */
export interface Account {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function streamArn(account: Account, streamName: string): string {
  return `arn:${partitionOf(account.region)}:kinesis:${account.region}:${account.accountId}:stream/${streamName}`;
}

/** The ARN of a user with an access key of this deployment. */
export const userArn = (account: Account, name: string): string => `${accountArn(account)}:user/${name}`;

/** The ARN of the account's root user. */
export const rootArn = (account: Account): string => `${accountArn(account)}:root`;

const accountArn = ({ region, accountId }: Account): string => `arn:${partitionOf(region)}:iam::${accountId}`;

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) {
    return 'aws-cn';
  }
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
