import { readFlights } from '../demo/flight-records.ts';

const RECORD_BYTES = 1_000;

/**
 * Builds records of about 1 KB of real JSON. Each has several flights, as if a producer had collected them.
 * @returns the records in base64
 */
export async function flightTexts(count: number): Promise<string[]> {
  const flights = await readFlights();
  const texts: string[] = [];
  let gathered: string[] = [];
  for (const { data } of flights) {
    gathered.push(Buffer.from(data).toString());
    const text = `[${gathered.join(',')}]`;
    if (text.length >= RECORD_BYTES) {
      texts.push(Buffer.from(text).toString('base64'));
      gathered = [];
    }
    if (texts.length === count) {
      break;
    }
  }
  return texts;
}
