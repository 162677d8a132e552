import { startServer } from '../local/server.ts';
import { Capacity } from './capacity.ts';
import { readFlights } from './flight-records.ts';
import { type FlightReport, runFlights } from './run-flights.ts';

/** `npm run demo`: puts 20,000 real flights into a stream of four shards, and reads them back. */
async function main(): Promise<void> {
  const flights = await readFlights();
  const capacity = new Capacity();
  const rivulet = await startServer({
    // A deployment stores records compressed. With this setting, the demo uses the same capacity units.
    environment: { COMPRESS_ABOVE: '700', ...process.env },
    port: 0,
    host: '127.0.0.1',
    meter: capacity.meter,
  });
  try {
    const report = await runFlights(rivulet.endpoint, flights, capacity, (line) => process.stdout.write(`\r${line}  `));
    console.log(`\n\n${table(report, flights.length)}`);
    console.log(`\nAll ${flights.length} records came back byte-equal, once, and in order per partition key.`);
  } finally {
    await rivulet.close();
  }
}

function table({ recordsInPerSecond, recordsOutPerSecond, recordsPerShard, put, read }: FlightReport, records: number) {
  const row = (name: string, ...cells: (string | number)[]) =>
    name.padEnd(22) + cells.map((cell) => String(cell).padStart(12)).join('');
  const perRecord = (units: number) => (units / records).toFixed(3);
  return [
    row('', 'in', 'out'),
    row('records/s', recordsInPerSecond, recordsOutPerSecond),
    row('DynamoDB calls', put.calls, read.calls),
    row('write units', put.writeUnits, read.writeUnits),
    row('read units', put.readUnits, read.readUnits),
    row('units per record', perRecord(put.writeUnits + put.readUnits), perRecord(read.writeUnits + read.readUnits)),
    '',
    ...Object.entries(recordsPerShard).map(([shard, count]) => row(shard, count)),
  ].join('\n');
}

main().catch((error: unknown) => {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
