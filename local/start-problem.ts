import type { Environment } from '../lib/configuration.ts';

/** What Node says, and what a user can do about it. */
const NETWORK: Readonly<Record<string, (environment: Environment) => string>> = {
  EADDRINUSE: ({ PORT = '4567' }) =>
    `port ${PORT} is in use. Choose another one by PORT or --port (0: any free one), or end the program that holds it`,
  EACCES: ({ PORT = '4567' }) => `this user may not open port ${PORT}. Choose one above 1023 by PORT or --port`,
  EADDRNOTAVAIL: ({ HOST = '' }) => `HOST ${HOST} is no address of this machine. HOST or --host chooses another`,
  ENOTFOUND: ({ HOST = '' }) => `HOST ${HOST} is no name that this machine knows. HOST or --host chooses another`,
};

/** One sentence that says why a server could not start: the setting, and the way out. */
export function startProblem(error: unknown, environment: Environment): string {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const known = syscall === 'listen' || syscall === 'getaddrinfo' ? NETWORK[code ?? ''] : undefined;
  return known?.(environment) ?? message ?? String(error);
}
