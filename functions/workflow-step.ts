import { readConfiguration } from '../lib/configuration.ts';
import { openDynamoDb } from '../lib/store/dynamodb.ts';
import { openTables } from '../lib/store/tables.ts';
import { createWorkflowStep } from './workflow.ts';

const configuration = readConfiguration(process.env);

/** The Lambda function that the lifecycle state machine calls. */
export const handler = createWorkflowStep(configuration, {
  tables: openTables(openDynamoDb(configuration), configuration),
});
