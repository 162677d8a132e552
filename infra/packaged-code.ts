import path from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import type { FunctionEntry } from './function-bundle.ts';

/** The code of a function, as the published package has it: bundled, in a folder of its own beside this file. */
export const functionCode = (entry: FunctionEntry): Code =>
  Code.fromAsset(path.join(import.meta.dirname, 'functions', entry));
