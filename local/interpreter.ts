import { registerHooks } from 'node:module';

const NO_AWS_CLIENTS = new URL('./no-aws-clients.ts', import.meta.url).href;

/**
 * Loads the interpreter of the Amazon States Language, without the clients of AWS that it brings along for tasks that call real
 * functions: they are two thirds of it, and none of ours do.
 */
export async function loadInterpreter(): Promise<typeof import('aws-local-stepfunctions')> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      specifier.startsWith('@aws-sdk/') && context.parentURL?.includes('/aws-local-stepfunctions/')
        ? { url: NO_AWS_CLIENTS, shortCircuit: true }
        : next(specifier, context),
  });
  try {
    return await import('aws-local-stepfunctions');
  } finally {
    hooks.deregister();
  }
}
