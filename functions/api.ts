import { readConfiguration } from '../lib/configuration.ts';
import { deployed } from './deployed.ts';
import { createDispatcher } from './dispatcher.ts';

const configuration = readConfiguration(process.env);

/** The Lambda function behind the API. */
export const handler = createDispatcher(configuration, deployed(configuration));
