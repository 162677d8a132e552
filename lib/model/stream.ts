/** Where a stream stands in its life. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_StreamDescription.html */
export type StreamStatus = 'CREATING' | 'ACTIVE' | 'UPDATING' | 'DELETING';

export type StreamMode = 'PROVISIONED' | 'ON_DEMAND';

/** What a transition does to its stream. */
export type TransitionKind = 'CREATE' | 'DELETE';

/** A change of state that the lifecycle workflow is carrying out. A stream has at most one. */
export interface Transition {
  /** Unique; the name of the workflow's execution. */
  readonly id: string;
  readonly kind: TransitionKind;
  /** When it was asked for, epoch ms. */
  readonly startedMs: number;
  /** The workflow's steps wait until then, epoch ms. */
  readonly notBeforeMs: number;
}

/** A stream's metadata. */
export interface Stream {
  readonly name: string;
  /** Unique per creation: a deleted stream and its successor of the same name differ in it. */
  readonly id: string;
  readonly status: StreamStatus;
  readonly mode: StreamMode;
  /** Epoch ms. */
  readonly createdMs: number;
  readonly retentionHours: number;
  readonly maxRecordKiB: number;
  /** Shards that are open, or, while CREATING, that will be. */
  readonly openShardCount: number;
  /** False until the stream first became ACTIVE. */
  readonly activated: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly transition?: Transition;
}

/** Whether producers may write and consumers may read. */
export function isServing(stream: Stream): boolean {
  return stream.status === 'ACTIVE' || stream.status === 'UPDATING';
}

/** The retention period in ms. */
export function retentionMs(stream: Stream): number {
  return stream.retentionHours * 3_600_000;
}

/** An account, as ARNs and error sentences name it. */
export interface Account {
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function streamArn(account: Account, streamName: string): string {
  return `arn:${partitionOf(account.region)}:kinesis:${account.region}:${account.accountId}:stream/${streamName}`;
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) {
    return 'aws-cn';
  }
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
