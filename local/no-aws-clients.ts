/** Stands where the interpreter of workflows has AWS' clients: the names that it imports, and nothing behind them. */
export class LambdaClient {
  constructor() {
    throw new Error('a task of the workflow is none of those that run in this process');
  }
}

export class InvokeCommand extends LambdaClient {}

export const fromCognitoIdentityPool = (): LambdaClient => new LambdaClient();
