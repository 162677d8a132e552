import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { ApiHandler } from '../functions/dispatcher.ts';
import { KinesisFault } from '../lib/faults.ts';
import type { Account } from '../lib/model/stream.ts';
import type { Region } from './region.ts';
import type { LocalStore } from './store.ts';

/** The regions, of all accounts together, that one server keeps: each costs memory. */
export const MAX_REGIONS = 32;

/** The regions that were asked for and hold no data: none of their requests was allowed. */
const MAX_UNOPENED = 32;

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const ACCOUNT_ID = /^\d{12}$/;

export interface RegionsOptions {
  /** Requests that name no region are for this one. */
  readonly home: Account;
  /** What no request may choose. */
  readonly pinned: { readonly region: boolean; readonly accountId: boolean };
  /** @param open wraps what opens the region's store */
  readonly createRegion: (
    account: Account,
    open: (openStore: () => Promise<LocalStore>) => Promise<LocalStore>,
  ) => Region;
}

/** A key of an account's region, for maps and names of folders and tables. */
export const regionKey = ({ accountId, region }: Account): string => `${accountId}.${region}`;

/** @returns undefined for a text that is no key of a region */
export function parseRegionKey(key: string): Account | undefined {
  const [, accountId, region] = /^(\d{12})\.(.+)$/.exec(key) ?? [];
  return accountId !== undefined && region !== undefined && REGION.test(region) ? { accountId, region } : undefined;
}

/** The regions of one server. Each is made when a request names it first. */
export class Regions {
  readonly #options: RegionsOptions;
  readonly #regions = new Map<string, Region>();
  /** The regions whose stores are open, or about to be. */
  readonly #opened = new Set<string>();

  constructor(options: RegionsOptions) {
    this.#options = options;
  }

  /** Passes each request to its region. */
  readonly handler: ApiHandler = (event: APIGatewayProxyEventV2, context: Context) =>
    this.region(this.#addressed(event)).handler(event, context);

  /** The regions of an account that requests have named. */
  namesOf(accountId: string): string[] {
    const accounts = [...this.#regions.keys()].map(parseRegionKey);
    return accounts.filter((one) => one?.accountId === accountId).map((one) => one?.region ?? '');
  }

  /** The region of an account, if a request has named it. */
  known(account: Account): Region | undefined {
    return this.#regions.get(regionKey(account));
  }

  /** The region of an account, which is made if it is new. */
  region(account: Account): Region {
    const key = regionKey(account);
    const region = this.#regions.get(key);
    if (region === undefined) {
      this.#forgetUnopened();
      const created: Region = this.#options.createRegion(account, (openStore) =>
        this.#admitted(key, created, openStore),
      );
      this.#regions.set(key, created);
      return created;
    }
    return region;
  }

  /** Ends every region. It may be used again afterwards. */
  async close(): Promise<void> {
    const regions = [...this.#regions.values()];
    this.#regions.clear();
    this.#opened.clear();
    await Promise.all(regions.map((region) => region.close()));
  }

  /** The account and region that a request is signed for: its signature is checked later. */
  #addressed(event: APIGatewayProxyEventV2): Account {
    const { home, pinned } = this.#options;
    if (pinned.region && pinned.accountId) {
      return home;
    }
    const { accessKeyId, region } = credentialScope(event);
    return {
      accountId: !pinned.accountId && ACCOUNT_ID.test(accessKeyId) ? accessKeyId : home.accountId,
      region: !pinned.region && REGION.test(region) ? region : home.region,
    };
  }

  /** @throws KinesisFault LimitExceededException when there are too many regions */
  async #admitted(key: string, region: Region, openStore: () => Promise<LocalStore>): Promise<LocalStore> {
    if (this.#regions.get(key) !== region) {
      // It was forgotten in the middle of its first request. Its store may be open for the next region of this key.
      throw new KinesisFault('InternalFailure');
    }
    if (this.#opened.size >= MAX_REGIONS && !this.#opened.has(key)) {
      throw new KinesisFault(
        'LimitExceededException',
        `This server keeps at most ${MAX_REGIONS} regions, of all accounts together, and ${key} would be one more.`,
      );
    }
    this.#opened.add(key);
    try {
      return await openStore();
    } catch (error) {
      this.#opened.delete(key);
      throw error;
    }
  }

  #forgetUnopened(): void {
    const unopened = [...this.#regions.keys()].filter((key) => !this.#opened.has(key));
    const [oldest] = unopened;
    if (oldest !== undefined && unopened.length >= MAX_UNOPENED) {
      this.#regions.delete(oldest);
    }
  }
}

/** `Credential={access key id}/{date}/{region}/…`, from the header, or from the query of a presigned request. */
function credentialScope({ headers, rawQueryString }: APIGatewayProxyEventV2): { accessKeyId: string; region: string } {
  const credential =
    /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ??
    (rawQueryString === '' ? '' : (new URLSearchParams(rawQueryString).get('X-Amz-Credential') ?? ''));
  const [accessKeyId = '', , region = ''] = credential.split('/', 3);
  return { accessKeyId, region };
}
