import { type Command, Option } from 'commander';
import { DEFAULT_ENDPOINT } from '../client/endpoint-choice.ts';
import { usage } from '../client/failure.ts';
import type { OfferConsole } from '../local/serve.ts';
import { environmentOf, type Setting, settings } from '../local/settings.ts';
import { withEndpoint } from './endpoint-options.ts';

/** Adds the commands about the local server: `start`, which is the default one, and `health`. */
export function addServerCommands(program: Command): void {
  const start = program
    .command('start', { isDefault: true })
    .description('start the local server. Each option stands for an environment variable, which it overrides')
    .allowExcessArguments()
    .action(async (_options, command) => {
      const [unknown] = command.args;
      if (unknown !== undefined) {
        throw usage(`there is no command ${unknown}: --help lists what there is`);
      }
      const { serve } = await import('../local/serve.ts');
      const values = Object.fromEntries(
        settings.map(({ option }) => [option, command.getOptionValue(camelCase(option))]),
      );
      const given = environmentOf(values as Record<string, string | undefined>);
      const isWanted = command.getOptionValue('console') !== false;
      await serve({ ...process.env, ...given, ...(!isWanted && { CONSOLE_PORT: 'off' }) }, offerConsole);
    });
  for (const setting of settings) {
    start.addOption(optionOf(setting));
  }
  start.addOption(new Option('--no-console', 'the same as --console-port off'));
  addConsole(program);
  program
    .command('health')
    .description('tell whether a local server is ready: exit code 0 or 1, for containers and scripts')
    .option('--endpoint <url>', `URL of the server (default: that of AWS_ENDPOINT_URL or PORT, or ${DEFAULT_ENDPOINT})`)
    .option('--json', 'print JSON')
    .action(async (options) => {
      const { health } = await import('./commands/health.ts');
      const { AWS_ENDPOINT_URL, PORT } = process.env;
      const ofPort = PORT ? `http://localhost:${PORT}` : DEFAULT_ENDPOINT;
      await health({ ...options, endpoint: options.endpoint ?? (AWS_ENDPOINT_URL || ofPort) });
    });
}

function addConsole(program: Command): void {
  withEndpoint(
    program
      .command('console')
      .description('serve a page, on this machine alone, that shows and changes the streams of an endpoint'),
  )
    .option('--port <number>', 'the port of the page (0: any free one)', '4568')
    .option('--read-only', 'only for looking: the console refuses every change')
    .option('--metrics-profile <name>', 'a profile of the AWS CLI that may read CloudWatch for a deployment')
    .action(async (options) => (await import('./commands/console.ts')).consoleFor(options));
}

/** Serves the console of the local server. */
const offerConsole: OfferConsole = async (offered) => (await import('./commands/console.ts')).offerConsole(offered);

/** The option of a setting, with its help from the same table as the documentation. */
function optionOf({ option, value, meaning, byDefault, variable }: Setting): Option {
  const words = plain(meaning);
  const created = new Option(`--${option} <${value}>`, `${words} (${variable}; default: ${plain(byDefault)})`);
  return value.includes('|') ? created.choices(value.split('|')) : created;
}

/** Without the marks of Markdown. */
const plain = (text: string): string => text.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('`', '');

const camelCase = (option: string): string => option.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
