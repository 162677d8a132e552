import { readConfiguration } from '../lib/configuration.ts';
import { createWorkflowStep } from './workflow.ts';

/** The Lambda function that the lifecycle state machine calls. */
export const handler = createWorkflowStep(readConfiguration(process.env));
