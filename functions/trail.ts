import { Logger } from '@aws-lambda-powertools/logger';

/** What an owner has to be able to look up later: who changed what, and who was kept from what, and why. */
export interface TrailLine {
  readonly event: 'change' | 'refusal';
  readonly requestId: string;
  readonly operation: string;
  /** As the request names it: an ARN, or a stream's name. Not known of a request that was refused before it was read. */
  readonly resource?: string | undefined;
  /** The ARN of the caller; not known where nobody is told apart, or a signature was refused. */
  readonly principal?: string | undefined;
  /** As presented, where it looks like one; that it is the caller's own is certain only where there is a principal. */
  readonly accessKeyId?: string | undefined;
  readonly sourceIp: string;
  /** The code of the fault that was answered. */
  readonly fault?: string | undefined;
  /** Why a request was refused. */
  readonly reason?: string | undefined;
}

/** Where the trail goes. Secrets, signatures, data and partition keys are never part of it. */
export interface Trail {
  write(line: TrailLine): void;
}

/** Writes structured lines. */
export function loggedTrail(): Trail {
  // Not below any level that is set for other lines: the trail is always written.
  const logger = new Logger({ serviceName: 'rivulet', logLevel: 'INFO' });
  return {
    write(line) {
      logger.info('trail', { ...line });
    },
  };
}
