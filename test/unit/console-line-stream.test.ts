import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { LineStream } from '../../console/server/answers.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;
let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A stream of lines, and the page that has opened it and reads nothing yet. */
async function opened(): Promise<{ lines: LineStream; page: IncomingMessage }> {
  let lines: LineStream | undefined;
  server = createServer((_request, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    lines = new LineStream(response, gone.signal);
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const page = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port }, resolve).on('error', reject);
  });
  return { lines: lines as unknown as LineStream, page };
}

describe('a stream of lines', () => {
  it('makes a line when the one before is taken, however many write and however long the page does not read', async () => {
    const { lines, page } = await opened();
    const warnings: Error[] = [];
    const warn = (warning: Error) => warnings.push(warning);
    process.on('warning', warn);
    let made = 0;
    const writing = Array.from({ length: 30 }, (_, writer) =>
      lines.write(() => {
        made += 1;
        return { writer, padding: 'x'.repeat(8 * MIB) };
      }),
    );
    await until(async () => made > 0);
    for (let turns = 0; turns < 50; turns++) {
      await turn();
    }
    const whileUnread = made;

    let text = '';
    page.setEncoding('utf8').on('data', (part: string) => {
      text += part.replaceAll('x', '');
    });
    await Promise.all(writing);
    lines.end();
    await new Promise((resolve) => page.once('end', resolve));
    process.off('warning', warn);

    // What the machine's own buffers of a connection hold is no more than a few MiB.
    expect(whileUnread).toBeLessThanOrEqual(3);
    expect(text.trim().split('\n')).toEqual(
      Array.from({ length: 30 }, (_, writer) => JSON.stringify({ writer, padding: '' })),
    );
    expect(warnings).toEqual([]);
  });

  it('goes on after a line that cannot be made', async () => {
    const { lines, page } = await opened();
    let text = '';
    page.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const failing = lines.write(() => {
      throw new Error('too long');
    });
    const next = lines.write(() => ({ next: true }));

    await expect(failing).rejects.toThrow('too long');
    await next;
    lines.end();
    await new Promise((resolve) => page.once('end', resolve));
    expect(text).toBe('{"next":true}\n');
  });

  it('lets its writers go on when the page has left', async () => {
    const { lines, page } = await opened();
    const writing = Array.from({ length: 5 }, () => lines.write(() => ({ padding: 'x'.repeat(8 * MIB) })));
    page.destroy();

    await Promise.all(writing);
    expect(lines.gone.aborted).toBe(true);
  });
});
