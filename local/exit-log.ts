/** How often the memory is looked at, ms. */
const MEMORY_LOOK_MS = 10_000;

/** The resident memory that is logged, bytes. All bounds together allow a few hundred megabytes. */
const MUCH_MEMORY = 1024 * 1024 * 1024;

/** Writes a line that explains later why a server has ended. */
export function tell(text: string): void {
  console.error(`${new Date().toISOString()} ${text}`);
}

/**
 * Has a line written for whatever ends this process but SIGKILL, which no process sees coming: for what nobody caught, before
 * Node prints it and ends, and for the end itself.
 */
export function logExits(): void {
  process.on('uncaughtExceptionMonitor', (_error, origin) => {
    const what = origin === 'unhandledRejection' ? 'a promise was rejected' : 'an exception was thrown';
    tell(`Rivulet ends: ${what}, and nobody caught it.`);
  });
  process.on('exit', (code) => tell(`Rivulet has ended, with exit code ${code}.`));
}

/** Tells of much memory: a process that the system ends for its memory cannot. */
export class MemoryWatch {
  #told = 0;

  /** Looks from time to time, and keeps no process alive by it. */
  static begin(): void {
    const watch = new MemoryWatch();
    setInterval(() => {
      const line = watch.look(process.memoryUsage.rss());
      if (line !== undefined) {
        tell(line);
      }
    }, MEMORY_LOOK_MS).unref();
  }

  /**
   * @param bytes resident memory
   * @returns a line at a gigabyte, and at each half more than the last line
   */
  look(bytes: number): string | undefined {
    if (bytes < Math.max(MUCH_MEMORY, 1.5 * this.#told)) {
      return undefined;
    }
    this.#told = bytes;
    return `Rivulet has taken ${Math.round(bytes / (1024 * 1024))} MiB of memory.`;
  }
}
