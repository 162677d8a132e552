import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Api } from './api.ts';
import { StreamTables } from './tables.ts';
import { Lifecycle } from './workflows.ts';

/** A whole Rivulet: the API, the two functions, the two tables and the state machine. */
export class RivuletStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const tables = new StreamTables(this, 'Tables');
    const lifecycle = new Lifecycle(this, 'Lifecycle', { tables });
    const api = new Api(this, 'Api', { tables, stateMachine: lifecycle.stateMachine });
    Annotations.of(this).addWarningV2(
      'rivulet:open',
      'Signatures are checked for their form only: whoever knows the endpoint can use it. Deploy into a sandbox account.',
    );
    new CfnOutput(this, 'Endpoint', { value: api.url, description: 'The endpoint URL for Kinesis clients' });
  }
}
