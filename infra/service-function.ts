import path from 'node:path';
import { type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { type ICommandHooks, NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { logGroupProps } from './log-groups.ts';
import type { StreamTables } from './tables.ts';
import { acknowledgeTracing } from './tracing.ts';

const ROOT = path.join(import.meta.dirname, '..');

const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';

/** ES modules have no `require`, so this banner defines one for the CommonJS parts of the bundle. */
const REQUIRE_BANNER = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/** Each bundle contains the licences of its dependencies. */
const LICENCES: ICommandHooks = {
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (from, to) => [
    `node -e "require('fs').copyFileSync(...process.argv.slice(1))" "${from}/${LICENCES_FILE}" "${to}/${LICENCES_FILE}"`,
  ],
};

export interface ServiceFunctionProps {
  /** The entry's file name in functions/. */
  readonly entry: string;
  readonly tables: StreamTables;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly logRetentionDays: number;
  readonly reservedConcurrentExecutions?: number;
  readonly environment?: Record<string, string>;
}

/** A Lambda function, bundled from functions/ as minified ES modules with a pinned SDK. It may use the tables. */
export class ServiceFunction extends NodejsFunction {
  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, logGroupProps(props.logRetentionDays));
    // A separate role instead of the managed policy of AWS: it may write only to this log group.
    const role = new Role(scope, `${id}Role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      role,
      logGroup,
      entry: path.join(ROOT, 'functions', props.entry),
      handler: 'handler',
      projectRoot: ROOT,
      depsLockFilePath: path.join(ROOT, 'package-lock.json'),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memorySize,
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
      tracing: Tracing.ACTIVE,
      environment: {
        ACCOUNT_ID: Stack.of(scope).account,
        NODE_OPTIONS: '--enable-source-maps',
        ...props.tables.environment,
        ...props.environment,
      },
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
        commandHooks: LICENCES,
      },
    });
    props.tables.grantUse(this);
    acknowledgeTracing(role);
  }
}
