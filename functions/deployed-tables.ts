import type { Configuration } from '../lib/configuration.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { openS3Bodies } from '../lib/store/s3-bodies.ts';
import { openTables, type Tables } from '../lib/store/tables.ts';

/** DynamoDB's tables, and S3's bucket for bodies where one is configured. */
export const deployedTables = (configuration: Configuration): Tables =>
  openTables(
    openDynamoDb(configuration),
    configuration,
    configuration.bodies && openS3Bodies(configuration, configuration.bodies),
  );
