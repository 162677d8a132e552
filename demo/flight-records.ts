import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/** One flight of the data set, ready to be put. */
export interface FlightRecord {
  /** The origin airport. */
  readonly partitionKey: string;
  /** The flight as compact JSON, UTF-8. */
  readonly data: Uint8Array;
}

/**
 * Reads the 20,000 flights of the npm package vega-datasets, in their order. `npm ci --prefix demo` installs it.
 * @param limit the most flights to return; undefined: all
 */
export async function readFlights(limit?: number): Promise<FlightRecord[]> {
  // The package does not export its data files. They are next to the module that it exports.
  const module = createRequire(import.meta.url).resolve('vega-datasets');
  const file = path.join(path.dirname(module), '..', 'data', 'flights-20k.json');
  const flights = JSON.parse(await readFile(file, 'utf8')) as { readonly origin: string }[];
  return flights.slice(0, limit).map((flight) => ({
    partitionKey: flight.origin,
    data: Buffer.from(JSON.stringify(flight)),
  }));
}
