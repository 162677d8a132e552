import type { Configuration } from '../lib/configuration.ts';
import { stepFunctionsWorkflows } from '../lib/workflows/step-functions.ts';
import { countedTrail } from './counted-trail.ts';
import { deployedTables } from './deployed-tables.ts';
import { cloudWatchObserver } from './observer.ts';
import { storedSecrets } from './stored-secrets.ts';

/** The platform of the deployed dispatcher: DynamoDB, Step Functions, Secrets Manager and CloudWatch. */
export const deployed = (configuration: Configuration) => ({
  tables: deployedTables(configuration),
  workflows: stepFunctionsWorkflows(configuration),
  ...storedSecrets(configuration),
  trail: countedTrail(),
  observer: configuration.observe ? cloudWatchObserver() : undefined,
});
