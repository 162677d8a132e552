import addCompletion from '@bomb.sh/tab/commander';
import { Command, CommanderError } from 'commander';
import { EXIT, Failure, sentenceOf } from '../client/failure.ts';
import manifest from '../package.json' with { type: 'json' };
import { addDataCommands } from './data-commands.ts';
import { endOnClosedOutput } from './output.ts';
import { addOwnerCommands } from './owner-commands.ts';
import { addServerCommands } from './server-commands.ts';
import { addStreamCommands } from './stream-commands.ts';

/** The whole command line. Each command loads what it needs when it runs. */
export function createProgram(): Command {
  const program = new Command('rivulet')
    .description(
      'A Kinesis-compatible stream API on this machine, and tools for any endpoint with that interface.\n' +
        'Without a command, it starts the local server.',
    )
    .version(manifest.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .showHelpAfterError('(--help lists what there is)')
    .enablePositionalOptions()
    .exitOverride();
  addServerCommands(program);
  addStreamCommands(program);
  addDataCommands(program);
  addOwnerCommands(program);
  addCompletion(program, { completionCommandName: 'completion' });
  return program;
}

/**
 * Runs a command.
 * @param parameters as a shell passes them, without the program
 */
export async function main(parameters: readonly string[]): Promise<void> {
  const program = createProgram();
  endOnClosedOutput();
  try {
    await program.parseAsync(parameters, { from: 'user' });
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    // It has told the problem, or printed the help.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  console.error(`rivulet: ${sentenceOf(error)}`);
  return error instanceof Failure ? error.exitCode : EXIT.failed;
}
