/** An error of the engine, with DynamoDB's name: callers know errors by their names. */
abstract class EngineError extends Error {
  abstract readonly $fault: 'client' | 'server';
}

/** A request that DynamoDB would refuse, or that this engine does not support (the message says so). */
export class ValidationException extends EngineError {
  override readonly name = 'ValidationException';
  readonly $fault = 'client';
}

/** The table does not exist. */
export class ResourceNotFoundException extends EngineError {
  override readonly name = 'ResourceNotFoundException';
  readonly $fault = 'client';
}

/** A condition did not hold: nothing was written. */
export class ConditionalCheckFailedException extends EngineError {
  override readonly name = 'ConditionalCheckFailedException';
  readonly $fault = 'client';
  /** The existing item, if the request asked for it and there is one. */
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

/** A feature of DynamoDB that the store does not need. */
export const unsupported = (what: string): ValidationException =>
  new ValidationException(`The embedded engine does not support ${what}.`);
