import { CfnOutput, type Environment, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { RivuletProps } from './props.ts';
import { Rivulet } from './rivulet.ts';

/** A stack that contains a Rivulet. Its outputs tell the owner how to use it. */
export class RivuletStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps & RivuletProps = {}) {
    super(scope, id, { ...(props.kmsKeyArn !== undefined && { env: environmentOf(props.kmsKeyArn) }), ...props });
    const rivulet = new Rivulet(this, 'Rivulet', props);
    const { endpoint, domainTarget, credentials, monitoring, tables } = rivulet;
    const output = (name: string, value: string, description: string) =>
      new CfnOutput(this, name, { value, description });
    output('Endpoint', endpoint, 'The endpoint URL for Kinesis clients');
    output('Region', this.region, 'The region that clients sign for');
    output('CredentialsSecret', credentials.secretArn, 'The secret with the access keys: rivulet keys');
    if (monitoring.dashboardUrl !== undefined) {
      output('Dashboard', monitoring.dashboardUrl, 'Traffic, faults, throttles and transitions');
    }
    if (domainTarget !== undefined) {
      output('DomainTarget', domainTarget, 'What the DNS record (CNAME or alias) of your domain has to point to');
    }
    output('StreamsTable', tables.streams.tableName, 'The table of streams, shards and consumers');
    output('RecordsTable', tables.records.tableName, 'The table of records');
    output('Dispatcher', rivulet.dispatcherName, 'The function behind the endpoint; its log has the trail');
    if (rivulet.bodiesBucket !== undefined) {
      output('BodiesBucket', rivulet.bodiesBucket, 'The bucket of large bodies');
    }
    output(
      'AddKey',
      `npx rivulet keys add --name me --full-access --secret ${credentials.secretArn} --endpoint ${endpoint} --region ${this.region}`,
      'Makes the first access key, and a profile of the AWS CLI with it',
    );
    output('TryIt', 'npx rivulet streams --profile rivulet', 'The first call, once there is a key');
  }
}

/** A table with a key of its owner must know its region: it is that of the key. */
function environmentOf(kmsKeyArn: string): Environment {
  const [, , , region, account] = kmsKeyArn.split(':');
  return { ...(region && { region }), ...(account && { account }) };
}
