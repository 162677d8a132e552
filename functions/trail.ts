import { Logger } from '@aws-lambda-powertools/logger';

/** A line of the trail (docs/glossary.md): who changed what, or who was refused what, and why. */
export interface TrailLine {
  readonly event: 'change' | 'refusal';
  readonly requestId: string;
  readonly operation: string;
  /** As the request names it: an ARN or a stream name. Unknown if the request was refused before it was read. */
  readonly resource?: string | undefined;
  /** The ARN of the caller. Unknown if no credentials are configured, or if the signature was refused. */
  readonly principal?: string | undefined;
  /** The access key id of the request, if it has the form of one. It is verified only if there is a principal. */
  readonly accessKeyId?: string | undefined;
  readonly sourceIp: string;
  /** The code of the fault that the client got. */
  readonly fault?: string | undefined;
  /** Why a request was refused. */
  readonly reason?: string | undefined;
}

/** Receives the lines of the trail. Secrets, signatures, data and partition keys are never part of them. */
export interface Trail {
  write(line: TrailLine): void;
}

/** Returns a trail that writes structured log lines. */
export function loggedTrail(): Trail {
  // Independent of the log level of other lines: the trail is always written.
  const logger = new Logger({ serviceName: 'rivulet', logLevel: 'INFO' });
  return {
    write(line) {
      logger.info('trail', { ...line });
    },
  };
}
