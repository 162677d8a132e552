import { setMaxListeners } from 'node:events';
import type { ApiHandler } from '../functions/dispatcher.ts';
import type { Account } from '../lib/model/stream.ts';
import type { DataFolder } from './data-folder.ts';
import type { Region } from './region.ts';
import type { Regions } from './regions.ts';

/** The regions of a server, which can be emptied while it goes on. */
export class ResettableRegions {
  readonly #regions: Regions;
  readonly #home: Account;
  readonly #folder: DataFolder | undefined;
  #closing = newClosing();
  #resetting: Promise<void> | undefined;

  /** @param folder where they keep their data; undefined: in memory, or elsewhere */
  constructor(regions: Regions, home: Account, folder: DataFolder | undefined) {
    this.#regions = regions;
    this.#home = home;
    this.#folder = folder;
  }

  /** The regions of an account that have had a request. */
  namesOf(accountId: string): string[] {
    return this.#regions.namesOf(accountId);
  }

  /** A region that has had a request; undefined: it has had none. */
  known(account: Account): Region | undefined {
    return this.#regions.known(account);
  }

  get home(): Region {
    return this.#regions.region(this.#home);
  }

  /** Ends the streaming responses that begin now. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** A request that comes during a reset waits for it: it would open what is about to be removed. */
  readonly handler: ApiHandler = (...call) =>
    this.#resetting === undefined
      ? this.#regions.handler(...call)
      : this.#resetting.then(() => this.#regions.handler(...call));

  /** Opens the home region and those that have data: what the last process left unfinished goes on in each. */
  async open(): Promise<void> {
    for (const account of [this.#home, ...(this.#folder?.regions() ?? [])]) {
      await this.#regions.region(account).open();
    }
    this.#folder?.remember();
  }

  /** Removes all streams and their data. Then the regions have the streams of their start again. */
  async reset(): Promise<void> {
    await this.#resetting;
    this.endStreaming();
    this.#closing = newClosing();
    this.#resetting = this.#empty().finally(() => {
      this.#resetting = undefined;
    });
    await this.#resetting;
  }

  /** Ends the streaming responses that there are. */
  endStreaming(): void {
    this.#closing.abort();
  }

  close(): Promise<void> {
    return this.#regions.close();
  }

  async #empty(): Promise<void> {
    await this.#regions.close();
    this.#folder?.clear();
    await this.open();
  }
}

function newClosing(): AbortController {
  const closing = new AbortController();
  // Each subscription listens for it.
  setMaxListeners(0, closing.signal);
  return closing;
}
