import { startRivulet } from '../../local/rivulet.ts';

/**
 * An API process of the torture test: the local server with a clock that is wrong by some ms.
 * Arguments: the port, and by how much the clock is ahead, ms.
 */
const [port, aheadMs] = process.argv.slice(2).map(Number) as [number, number];

const { endpoint } = await startRivulet({
  environment: process.env,
  port,
  host: '127.0.0.1',
  now: () => Date.now() + aheadMs,
});
process.send?.({ endpoint });
process.on('disconnect', () => process.exit(0));
