import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../lib/configuration.ts';
import { openDynamoDb } from '../../lib/store/dynamodb.ts';
import { openTables } from '../../lib/store/tables.ts';
import { areAdopted } from '../../lib/store/tables-item.ts';
import { createTables } from '../../local/external-tables.ts';
import { ApiInstance } from '../support/api-instance.ts';
import { runCommand } from '../support/command-line.ts';
import { availableEngines, startEngine } from '../support/dynamodb-engines.ts';
import { TestClock } from '../support/test-clock.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };

// dynalite knows no deletion protection.
describe.skipIf(availableEngines()[0] === 'dynalite')('rivulet adopt (needs the engine dynoxide)', () => {
  it('prepares tables, says how many streams they have, and how to deploy; it may be repeated', async () => {
    const engine = await startEngine('dynoxide', undefined);
    const configuration = readConfiguration({
      ACCOUNT_ID: '000000000000',
      AWS_REGION: 'us-east-1',
      STREAMS_TABLE: 'contract-streams',
      RECORDS_TABLE: 'contract-records',
      AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    });
    Object.assign(process.env, KEYS);
    await createTables(configuration);
    const api = new ApiInstance(engine.endpoint, new TestClock());
    await api.create('orders', 3);
    const command = ['adopt', '--streams-table', 'contract-streams', '--records-table', 'contract-records'];
    const environment = { ...KEYS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint };

    const first = await runCommand(command, environment);
    const again = await runCommand([...command, '--json'], environment);

    expect(first.output).toBe(
      'orders is prepared\n1 streams with 3 shards are ready. ' +
        'Deploy: npx cdk deploy -c adoptTables=contract-streams,contract-records\n',
    );
    expect(JSON.parse(again.output)).toEqual({ streams: 1, shards: 3 });
    const dynamodb = openDynamoDb(configuration);
    expect(await areAdopted(openTables(dynamodb, configuration))).toBe(true);
    dynamodb.close();
    await engine.close();
  });

  it('names what is missing', async () => {
    const { code, errors } = await runCommand(['adopt', '--streams-table', 'a']);

    expect(code).toBe(2);
    expect(errors).toContain('--records-table');
  });
});
