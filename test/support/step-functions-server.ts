import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Executions, type ExecutionsOptions } from '../../local/executions.ts';

/** A stand-in for the deployed Step Functions, with one state machine. */
export interface StepFunctionsServer {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** Accepts executions as Step Functions does: by its `StartExecution` call, and each name only once. */
export async function startStepFunctions(definition: object, options: ExecutionsOptions): Promise<StepFunctionsServer> {
  const executions = new Executions(definition, options);
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) {
      chunks.push(chunk);
    }
    const { name, input, stateMachineArn } = JSON.parse(Buffer.concat(chunks).toString());
    const isNew = executions.start(name, JSON.parse(input));
    const executionArn = `${String(stateMachineArn).replace(':stateMachine:', ':execution:')}:${name}`;
    response.writeHead(isNew ? 200 : 400, { 'Content-Type': 'application/x-amz-json-1.0' });
    response.end(
      JSON.stringify(
        isNew ? { executionArn, startDate: Date.now() / 1000 } : { __type: 'ExecutionAlreadyExists', message: name },
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      executions.abort();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
