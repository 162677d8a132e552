import { readConfiguration } from '../lib/configuration.ts';
import { createDispatcher } from './dispatcher.ts';

/** The Lambda function behind the API. */
export const handler = createDispatcher(readConfiguration(process.env));
