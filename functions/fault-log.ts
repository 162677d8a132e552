import { Logger } from '@aws-lambda-powertools/logger';
import type { FaultLog } from '../lib/deps.ts';

const logger = new Logger({ serviceName: 'rivulet' });

/** Writes faults as structured lines. Requests, records and keys are never part of them. */
export const faultLog: FaultLog = {
  error(message, cause) {
    logger.error(message, cause instanceof Error ? cause : String(cause));
  },
};
