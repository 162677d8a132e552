import { styleText } from 'node:util';

/** How often a plain line tells of the progress where no terminal is, ms. */
const PLAIN_EVERY_MS = 10_000;

/** How often a terminal's line is drawn again, ms. */
const DRAW_EVERY_MS = 200;

/** Ends a command in order when nobody reads its output any more: a reader such as `head` closes it when it has enough. */
export function endOnClosedOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      throw error;
    }
    if (process.listenerCount('SIGTERM') === 0) {
      process.exit();
    }
    process.emit('SIGTERM');
  });
}

/** Writes a result for programs: one line of JSON. */
export const printJson = (value: unknown): void => console.log(JSON.stringify(value));

/** A table for people: columns as wide as they need. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [styleText('dim', line(head)), ...rows.map(line)].join('\n');
}

/** The progress of long work, on standard error: a line that changes on a terminal, else a plain line now and then. */
export class Progress {
  readonly #describe: () => string;
  readonly #timer: NodeJS.Timeout;
  readonly #isTerminal = process.stderr.isTTY === true;

  /** @param describe how far the work is, in a few words */
  constructor(describe: () => string) {
    this.#describe = describe;
    this.#timer = setInterval(() => this.#tell(), this.#isTerminal ? DRAW_EVERY_MS : PLAIN_EVERY_MS);
    this.#timer.unref();
  }

  /** Ends it. The last state stays on a terminal. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#isTerminal) {
      this.#tell();
      process.stderr.write('\n');
    }
  }

  #tell(): void {
    const text = this.#describe();
    if (this.#isTerminal) {
      process.stderr.write(`\r\x1b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
    } else {
      console.error(text);
    }
  }
}

/** A number of things, with its noun. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

/** Bytes for people. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
