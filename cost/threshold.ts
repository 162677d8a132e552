import { FIGURES } from './figures.ts';
import prices from './prices.json' with { type: 'json' };
import { GB, HOURS_PER_MONTH, KIB, million } from './traffic.ts';

/** Where bodies of batches are kept. */
export type BodyPlace = 'dynamodb' | 's3' | 's3-express';

/** The most bytes of a body in an item: above that, a body is apart from it in any case. */
const MOST_BYTES = 390_000;

/** How long a batch and an object are kept with the shortest retention period, hours. */
const ITEM_HOURS = 25;
const OBJECT_HOURS = 60;

const gbMonths = (bytes: number, hours: number): number => (bytes / GB) * (hours / HOURS_PER_MONTH);

/** USD for a body that is written and read once in the records table, without the unit of its item. */
function tableCost(bytes: number): number {
  const { perMillionWriteUnits, perMillionReadUnits, perGbMonth, pitrPerGbMonth } = prices.dynamodb;
  return (
    million(Math.ceil((bytes + FIGURES.itemOverheadBytes) / KIB) - 1) * perMillionWriteUnits +
    million(bytes / (8 * KIB)) * perMillionReadUnits +
    gbMonths(bytes, ITEM_HOURS) * (perGbMonth + pitrPerGbMonth)
  );
}

/** The same in a bucket, with the time that a function of 1 GB waits for it. */
function objectCost(place: Exclude<BodyPlace, 'dynamodb'>, bytes: number): number {
  const { perMillionPuts, perMillionGets, perGbIn, perGbRead, perGbMonth } = bucketPrices(place);
  const seconds = FIGURES.objectPutSeconds[place] + FIGURES.objectGetSeconds[place];
  return (
    million(1) * (perMillionPuts + perMillionGets) +
    (bytes / GB) * (perGbIn + perGbRead) +
    gbMonths(bytes, OBJECT_HOURS) * perGbMonth +
    seconds * prices.lambda.perGbSecond
  );
}

export const bucketPrices = (place: Exclude<BodyPlace, 'dynamodb'>) => (place === 's3' ? prices.s3 : prices.s3Express);

/** Returns the bytes of a body above which a bucket is cheaper than the records table, in whole KiB. */
export function bodyThreshold(place: Exclude<BodyPlace, 'dynamodb'>): number {
  for (let bytes = KIB; bytes < MOST_BYTES; bytes += KIB) {
    if (objectCost(place, bytes) < tableCost(bytes)) {
      return bytes;
    }
  }
  return MOST_BYTES;
}
