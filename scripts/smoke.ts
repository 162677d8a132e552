import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { checks } from '../cli/verify/checks.ts';

/**
 * `npm run smoke`: starts the server as `npm start` does, on a free port. Then an unmodified client creates, puts,
 * reads, reshards and deletes. It is for systems that cannot run all of `npm test`: it needs neither a shell nor
 * signals.
 */
const MAIN = path.join(import.meta.dirname, '..', 'cli', 'main.js');

const server = spawn(process.execPath, [...process.execArgv, MAIN], {
  env: { ...process.env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: undefined },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const endpoint = await new Promise<string>((resolve, reject) => {
  createInterface({ input: server.stdout }).on('line', (line) => {
    const [, url] = /^Rivulet answers at (\S+)/.exec(line) ?? [];
    if (url !== undefined) {
      resolve(url);
    }
  });
  server.once('exit', (code) => reject(new Error(`the server ended with code ${code} before it was ready`)));
});
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
const client = new KinesisClient({ endpoint, region: 'us-east-1', credentials });
try {
  for (const { name, run } of checks) {
    await run({ client, stream: 'smoke' });
    console.log(`ok      ${name}`);
  }
} finally {
  client.destroy();
  server.kill();
}
