import prices from './prices.json' with { type: 'json' };
import { type Bill, GB, HOURS_PER_MONTH, KIB, million, type Traffic } from './traffic.ts';

/** Retention up to this long is included. */
const INCLUDED_HOURS = 24;

/** Beyond this, retention is long-term. */
const EXTENDED_HOURS = 168;

/** Bytes of a month, which Kinesis rounds up to whole KiB for each record, where it bills by the GB. */
function billedBytes({ streams, recordsPerSecond, recordBytes, busyHours }: Traffic): number {
  return streams * recordsPerSecond * busyHours * 3600 * Math.ceil(recordBytes / KIB) * KIB;
}

/** GB of a month that are kept from one age to another. */
const gbKept = (traffic: Traffic, fromHours: number, toHours: number): number =>
  ((billedBytes(traffic) / HOURS_PER_MONTH) * Math.max(0, toHours - fromHours)) / GB;

/** Returns the cost of a month of the traffic on Kinesis with provisioned shards. */
export function kinesisProvisionedBill(traffic: Traffic): Bill {
  const { perShardHour, perMillionPutUnits, putUnitBytes, extendedPerShardHour, longTermPerGbMonth } =
    prices.kinesisProvisioned;
  const { streams, shards, recordsPerSecond, busyHours, retentionHours, subscriptions } = traffic;
  const units = streams * recordsPerSecond * busyHours * 3600 * Math.ceil(traffic.recordBytes / putUnitBytes);
  const shardHours = streams * shards * HOURS_PER_MONTH;
  const raw = (streams * recordsPerSecond * traffic.recordBytes * busyHours * 3600) / GB;
  return {
    shards: shardHours * perShardHour,
    'put units': million(units) * perMillionPutUnits,
    'extended retention': retentionHours > INCLUDED_HOURS ? shardHours * extendedPerShardHour : 0,
    'long-term retention': gbKept(traffic, EXTENDED_HOURS, retentionHours) * longTermPerGbMonth,
    'fan-out':
      subscriptions *
      (streams * shards * busyHours * prices.kinesisFanOut.perConsumerShardHour + raw * prices.kinesisFanOut.perGb),
  };
}

/** Returns the cost of a month of the traffic on Kinesis with on-demand streams. */
export function kinesisOnDemandBill(traffic: Traffic): Bill {
  const { perStreamHour, perGbIn, perGbOut, perGbFanOut, extendedPerGbMonth, longTermPerGbMonth } =
    prices.kinesisOnDemand;
  const gb = billedBytes(traffic) / GB;
  return {
    streams: traffic.streams * HOURS_PER_MONTH * perStreamHour,
    in: gb * perGbIn,
    out: gb * traffic.consumers * perGbOut,
    'extended retention':
      gbKept(traffic, INCLUDED_HOURS, Math.min(traffic.retentionHours, EXTENDED_HOURS)) * extendedPerGbMonth,
    'long-term retention': gbKept(traffic, EXTENDED_HOURS, traffic.retentionHours) * longTermPerGbMonth,
    'fan-out': gb * traffic.subscriptions * perGbFanOut,
  };
}

/** Returns the same for an account that has committed itself to on-demand advantage: no stream-hours, but a least rate. */
export function kinesisAdvantageBill(traffic: Traffic): Bill {
  const { perGbIn, perGbOut, perGbFanOut, leastBytesPerSecond, perGbMonth } = prices.kinesisAdvantage;
  const gb = billedBytes(traffic) / GB;
  const leastGb = (leastBytesPerSecond * HOURS_PER_MONTH * 3600) / GB;
  return {
    in: Math.max(gb, leastGb) * perGbIn,
    out: gb * traffic.consumers * perGbOut,
    'extended retention': gbKept(traffic, INCLUDED_HOURS, traffic.retentionHours) * perGbMonth,
    'fan-out': gb * traffic.subscriptions * perGbFanOut,
  };
}
