import { readConfiguration } from '../lib/configuration.ts';
import { deployedTables } from './deployed-tables.ts';
import { createWorkflowStep } from './workflow.ts';

const configuration = readConfiguration(process.env);

/** The Lambda function that the lifecycle state machine calls. */
export const handler = createWorkflowStep(configuration, { tables: deployedTables(configuration) });
