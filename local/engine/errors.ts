/** What the engine refuses or cannot do, under the name that DynamoDB has for it: callers know errors by that. */
abstract class EngineError extends Error {
  abstract readonly $fault: 'client' | 'server';
}

/** A request that DynamoDB would refuse, or that this engine does not support: then the sentence says so. */
export class ValidationException extends EngineError {
  override readonly name = 'ValidationException';
  readonly $fault = 'client';
}

/** A table that is not there. */
export class ResourceNotFoundException extends EngineError {
  override readonly name = 'ResourceNotFoundException';
  readonly $fault = 'client';
}

/** A condition did not hold: nothing was written. */
export class ConditionalCheckFailedException extends EngineError {
  override readonly name = 'ConditionalCheckFailedException';
  readonly $fault = 'client';
  /** The item that is there, where it was asked for and there is one. */
  readonly Item: Record<string, unknown> | undefined;

  constructor(item: Record<string, unknown> | undefined) {
    super('The conditional request failed');
    this.Item = item;
  }
}

/** The file could not be read or written: nothing of the request was applied, and it may succeed later. */
export class InternalServerError extends EngineError {
  override readonly name = 'InternalServerError';
  readonly $fault = 'server';
}

/** Something that DynamoDB has and the store does not need. */
export const unsupported = (what: string): ValidationException =>
  new ValidationException(`The embedded engine does not support ${what}.`);
