/**
 * Every fault that a client can receive. `status` is its HTTP status in the request's own encoding. `retry`: the same
 * request may succeed later. `effect`: the request may have had an effect, although it failed.
 */
export const faults = {
  AccessDeniedException: { status: 400, retry: false, effect: false },
  /** The fault of a dry run that would have succeeded. */
  DryRunOperationException: { status: 400, retry: false, effect: false },
  ExpiredIteratorException: { status: 400, retry: false, effect: false },
  ExpiredNextTokenException: { status: 400, retry: false, effect: false },
  ExpiredTokenException: { status: 400, retry: false, effect: false },
  IncompleteSignatureException: { status: 400, retry: false, effect: false },
  /** `InternalFailureException` in the API model, but this name on the wire. */
  InternalFailure: { status: 500, retry: true, effect: true },
  InvalidArgumentException: { status: 400, retry: false, effect: false },
  InvalidSignatureException: { status: 400, retry: false, effect: false },
  KMSNotFoundException: { status: 400, retry: false, effect: false },
  LimitExceededException: { status: 400, retry: true, effect: false },
  MissingAuthenticationTokenException: { status: 400, retry: false, effect: false },
  ProvisionedThroughputExceededException: { status: 400, retry: true, effect: false },
  /** The response has no ids and no body. */
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
 * `message`: the usual body, in the request's encoding;
 * `Message`: the body of type errors, in the request's encoding;
 * `xml`: for requests that are not Kinesis calls;
 * `coral`: for `application/json`, which is recognised but never served;
 * `bare`: a status without ids and without a body.
 */
export type FaultForm = 'message' | 'Message' | 'xml' | 'coral' | 'bare';

/** A fault that the client receives. Operations and the checks before them throw it, the log and the store never. */
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

/** A stream's name and its account, as the sentences below name them. */
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

/** For operations that also work on a stream that is UPDATING. */
export const streamNotUsable = ({ streamName, accountId }: StreamReference, status: string): KinesisFault =>
  new KinesisFault(
    'ResourceInUseException',
    `Stream ${streamName} under account ${accountId} not ACTIVE or UPDATING, instead in state ${status}`,
  );

export const streamExists = ({ streamName, accountId }: StreamReference): KinesisFault =>
  new KinesisFault('ResourceInUseException', `Stream ${streamName} under account ${accountId} already exists.`);

/** Without a full stop: the sentence for reads from a shard that does not exist. */
export const shardDoesNotExist = (stream: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault('ResourceNotFoundException', `Shard ${shardId} in ${streamOf(stream)} does not exist`);

/** With a full stop: the sentence for shard ids that cannot be parsed, and for reshards. */
export const shardNotFound = (stream: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault('ResourceNotFoundException', `Could not find shard ${shardId} in ${streamOf(stream)}.`);

/** Also the `ErrorMessage` of a throttled PutRecords entry. */
export const writeRateExceededSentence = (stream: StreamReference, shardId: string): string =>
  `Rate exceeded for shard ${shardId} in ${streamOf(stream)}.`;

export const writeRateExceeded = (stream: StreamReference, shardId: string): KinesisFault =>
  new KinesisFault('ProvisionedThroughputExceededException', writeRateExceededSentence(stream, shardId));

/** Reads have a different sentence, without a full stop. */
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

/** For operations on records. Clients expect this code when those are throttled. */
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
 * An `InternalFailure` that the real service returns for certain requests. Nothing has failed, and any client can send
 * such a request. So it raises no alarm.
 */
export class ImitatedFailure extends KinesisFault {
  constructor(form?: FaultForm) {
    super('InternalFailure', undefined, form);
  }
}

/** A message repeats at most so many characters of a client's value: a response must not exceed Lambda's limit. */
const MAX_ECHO_LENGTH = 4096;

/** A client's value as a sentence repeats it. A long value is cut off. */
export const echo = (text: string): string =>
  text.length <= MAX_ECHO_LENGTH ? text : `${text.slice(0, MAX_ECHO_LENGTH)}...`;
