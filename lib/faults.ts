/**
 * Every fault that can cross the wire. `status` is its HTTP status in the request's own encoding;
 * `retry` says whether the same request may succeed later; `effect` whether it may have had an effect all the same.
 */
export const faults = {
  AccessDeniedException: { status: 400, retry: false, effect: false },
  /** The fault of a dry run that would have succeeded. */
  DryRunOperationException: { status: 400, retry: false, effect: false },
  ExpiredIteratorException: { status: 400, retry: false, effect: false },
  ExpiredNextTokenException: { status: 400, retry: false, effect: false },
  ExpiredTokenException: { status: 400, retry: false, effect: false },
  IncompleteSignatureException: { status: 400, retry: false, effect: false },
  /** `InternalFailureException` in the model; this name on the wire. */
  InternalFailure: { status: 500, retry: true, effect: true },
  InvalidArgumentException: { status: 400, retry: false, effect: false },
  InvalidSignatureException: { status: 400, retry: false, effect: false },
  KMSNotFoundException: { status: 400, retry: false, effect: false },
  LimitExceededException: { status: 400, retry: true, effect: false },
  MissingAuthenticationTokenException: { status: 400, retry: false, effect: false },
  ProvisionedThroughputExceededException: { status: 400, retry: true, effect: false },
  /** Answered without ids and without a body. */
  RequestEntityTooLarge: { status: 413, retry: false, effect: false },
  ResourceInUseException: { status: 400, retry: true, effect: false },
  ResourceNotFoundException: { status: 400, retry: false, effect: false },
  SerializationException: { status: 400, retry: false, effect: false },
  ThrottlingException: { status: 400, retry: true, effect: false },
  UnknownOperationException: { status: 400, retry: false, effect: false },
  UnrecognizedClientException: { status: 400, retry: false, effect: false },
  ValidationException: { status: 400, retry: false, effect: false },
} as const satisfies Record<string, { status: number; retry: boolean; effect: boolean }>;

export type FaultCode = keyof typeof faults;

/**
 * How a fault is written:
 * `message`, the usual body, and `Message`, that of type errors, in the request's encoding;
 * `xml` for requests that are no Kinesis calls at all; `coral` for the recognised but unserved `application/json`;
 * `bare` for a status without ids and body.
 */
export type FaultForm = 'message' | 'Message' | 'xml' | 'coral' | 'bare';

/** A fault that the client gets. Thrown by operations, schema checks and wire parsing, and nowhere else. */
export class KinesisFault extends Error {
  readonly code: FaultCode;
  /** Undefined if the response has no message. */
  readonly sentence: string | undefined;
  readonly form: FaultForm;
  readonly status: number;

  constructor(code: FaultCode, sentence?: string, form: FaultForm = 'message', status: number = faults[code].status) {
    super(sentence ?? code);
    this.name = code;
    this.code = code;
    this.sentence = sentence;
    this.form = form;
    this.status = status;
  }
}

export const invalidArgument = (sentence: string): KinesisFault =>
  new KinesisFault('InvalidArgumentException', sentence);

export const limitExceeded = (sentence: string): KinesisFault => new KinesisFault('LimitExceededException', sentence);

/** A stream and the account that it is looked up in, as the sentences below name them. */
export interface StreamReference {
  readonly streamName: string;
  readonly accountId: string;
}

const streamOf = (stream: StreamReference): string => `stream ${stream.streamName} under account ${stream.accountId}`;

export const streamNotFound = ({ streamName, accountId }: StreamReference): KinesisFault =>
  new KinesisFault('ResourceNotFoundException', `Stream ${streamName} under account ${accountId} not found.`);

export const streamNotActive = ({ streamName, accountId }: StreamReference, status: string): KinesisFault =>
  new KinesisFault(
    'ResourceInUseException',
    `Stream ${streamName} under account ${accountId} not ACTIVE, instead in state ${status}`,
  );

/** Where a stream that is UPDATING would do as well. */
export const streamNotUsable = ({ streamName, accountId }: StreamReference, status: string): KinesisFault =>
  new KinesisFault(
    'ResourceInUseException',
    `Stream ${streamName} under account ${accountId} not ACTIVE or UPDATING, instead in state ${status}`,
  );

export const streamExists = ({ streamName, accountId }: StreamReference): KinesisFault =>
  new KinesisFault('ResourceInUseException', `Stream ${streamName} under account ${accountId} already exists.`);

/** Without a full stop: the sentence of reads from a shard that is not there. */
export const shardDoesNotExist = (stream: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault('ResourceNotFoundException', `Shard ${shardId} in ${streamOf(stream)} does not exist`);

/** With a full stop: the sentence of shard ids that cannot be read, and of reshards. */
export const shardNotFound = (stream: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault('ResourceNotFoundException', `Could not find shard ${shardId} in ${streamOf(stream)}.`);

/** Also the `ErrorMessage` of a throttled PutRecords entry. */
export const writeRateExceededSentence = (stream: StreamReference, shardId: string): string =>
  `Rate exceeded for shard ${shardId} in ${streamOf(stream)}.`;

export const writeRateExceeded = (stream: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault('ProvisionedThroughputExceededException', writeRateExceededSentence(stream, shardId));

/** Reads have a sentence of their own, without a full stop. */
export const readRateExceeded = ({ streamName, accountId }: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault(
    'ProvisionedThroughputExceededException',
    `Rate exceeded for Shard - ${accountId}/${streamName}/${shardId}`,
  );

export const rateExceededForStream = (stream: StreamReference): KinesisFault =>
  limitExceeded(`Rate exceeded for ${streamOf(stream)}.`);

const accountRateSentence = (accountId: string): string => `Rate exceeded for account ${accountId}.`;

export const rateExceededForAccount = (accountId: string): KinesisFault =>
  limitExceeded(accountRateSentence(accountId));

/** For operations on records, which clients expect to be throttled by this name. */
export const throughputExceededForAccount = (accountId: string): KinesisFault =>
  new KinesisFault('ProvisionedThroughputExceededException', accountRateSentence(accountId));

export const shardLimitExceeded = (
  account: { readonly accountId: string; readonly region: string },
  counts: { readonly open: number; readonly limit: number; readonly additional: number },
): KinesisFault =>
  limitExceeded(
    `This request would exceed the shard limit for the account ${account.accountId} in ${account.region}. ` +
      `Current shard count for the account: ${counts.open}. Limit: ${counts.limit}. ` +
      `Number of additional shards that would have resulted from this request: ${counts.additional}. ` +
      'Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) ' +
      'for current limits and how to request higher limits.',
  );

export const internalFailure = (): KinesisFault => new KinesisFault('InternalFailure');

/**
 * An `InternalFailure` that the real service returns for certain requests. Nothing has failed, and any client can send one: it causes no alarm.
 */
export class ImitatedFailure extends KinesisFault {
  constructor(form?: FaultForm) {
    super('InternalFailure', undefined, form);
  }
}

/** The most characters of a client's value that a message repeats: a response must not exceed Lambda's limit. */
const MAX_ECHO_LENGTH = 4096;

/** A value of the client's as a sentence repeats it: the beginning of a long one. */
export const echo = (text: string): string =>
  text.length <= MAX_ECHO_LENGTH ? text : `${text.slice(0, MAX_ECHO_LENGTH)}...`;
