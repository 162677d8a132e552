import path from 'node:path';
import { type Duration, Stack } from 'aws-cdk-lib';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { StreamTables } from './tables.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** ES modules have no `require`; the CommonJS parts of the bundle get one. */
const REQUIRE_BANNER = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

export interface ServiceFunctionProps {
  /** The entry's file name in functions/. */
  readonly entry: string;
  readonly tables: StreamTables;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly environment?: Record<string, string>;
}

/** A Lambda function bundled from functions/: ES modules, minified, the SDK pinned with it. It may use the tables. */
export class ServiceFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    super(scope, id, {
      entry: path.join(ROOT, 'functions', props.entry),
      handler: 'handler',
      projectRoot: ROOT,
      depsLockFilePath: path.join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memorySize,
      environment: {
        ACCOUNT_ID: Stack.of(scope).account,
        NODE_OPTIONS: '--enable-source-maps',
        ...props.tables.environment,
        ...props.environment,
      },
      logGroup: new LogGroup(scope, `${id}Logs`, { retention: RetentionDays.ONE_MONTH }),
      bundling: {
        format: OutputFormat.ESM,
        target: 'node24',
        minify: true,
        sourceMap: true,
        sourceMapMode: SourceMapMode.DEFAULT,
        sourcesContent: false,
        mainFields: ['module', 'main'],
        bundleAwsSDK: true,
        banner: REQUIRE_BANNER,
      },
    });
    props.tables.grantUse(this);
  }
}
