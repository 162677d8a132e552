import type { Configuration } from '../lib/configuration.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { openTables } from '../lib/store/tables.ts';
import { stepFunctionsWorkflows } from '../lib/workflows/step-functions.ts';

/** What the functions work with when they are deployed: DynamoDB's tables, and Step Functions' executions. */
export const deployed = (configuration: Configuration) => ({
  tables: openTables(openDynamoDb(configuration), configuration),
  workflows: stepFunctionsWorkflows(configuration),
});
