import { getConsistently } from './condition.ts';
import { accountSettingsKey } from './table.ts';
import type { Tables } from './tables.ts';

/** The account's minimum throughput billing commitment. All times are epoch ms. */
export interface BillingCommitment {
  readonly startedMs?: number;
  readonly earliestEndMs?: number;
  /** When it ended, or will end. */
  readonly endMs?: number;
}

/** @returns the commitment; an object without members if there never was one */
export async function getBillingCommitment(tables: Tables): Promise<BillingCommitment> {
  const { pk: _pk, sk: _sk, ...commitment } = (await getConsistently(tables, tables.streams, accountSettingsKey)) ?? {};
  return commitment;
}

/** Writes the commitment. It replaces the stored one. */
export async function putBillingCommitment(tables: Tables, commitment: BillingCommitment): Promise<void> {
  await tables.client.put({ TableName: tables.streams, Item: { ...accountSettingsKey, ...commitment } });
}
