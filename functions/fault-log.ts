import { Logger } from '@aws-lambda-powertools/logger';
import type { FaultLog } from '../lib/deps.ts';

const logger = new Logger({ serviceName: 'rivulet' });

/** Writes errors as structured log lines. The lines never contain requests, records or keys. */
export const faultLog: FaultLog = {
  error(message, cause) {
    logger.error(message, cause instanceof Error ? cause : String(cause));
  },
};
