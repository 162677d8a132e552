import type { Configuration } from '../lib/configuration.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { openTables } from '../lib/store/tables.ts';
import { stepFunctionsWorkflows } from '../lib/workflows/step-functions.ts';
import { countedTrail } from './counted-trail.ts';
import { cloudWatchObserver } from './observer.ts';
import { storedSecrets } from './stored-secrets.ts';

/** The platform of the deployed dispatcher: DynamoDB, Step Functions, Secrets Manager and CloudWatch. */
export const deployed = (configuration: Configuration) => ({
  tables: openTables(openDynamoDb(configuration), configuration),
  workflows: stepFunctionsWorkflows(configuration),
  ...storedSecrets(configuration),
  trail: countedTrail(),
  observer: configuration.metrics ? cloudWatchObserver() : undefined,
});
