import http from 'node:http';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import { SIGNED } from '../support/test-api.ts';
import { JSON_ENCODING } from './wire-encoding.ts';

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/** A server that sends nothing for longer counts as gone, ms. */
const SILENCE_MS = 12_000;

/**
 * Subscribes over its own connection.
 * @param refused called with the response when it is an error
 * @returns the payloads of the events, until the stream ends or breaks, in whatever way; undefined when there is no
 * stream
 */
export async function subscribe(
  endpoint: string,
  input: object,
  refused: (status: number, body: unknown) => void,
): Promise<AsyncGenerator<unknown, void> | undefined> {
  const response = await new Promise<http.IncomingMessage | undefined>((resolve) => {
    const request = http.request(endpoint, {
      method: 'POST',
      agent: false,
      timeout: SILENCE_MS,
      headers: {
        ...SIGNED,
        'Content-Type': 'application/x-amz-json-1.1',
        'X-Amz-Target': 'Kinesis_20131202.SubscribeToShard',
      },
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
    request.on('response', resolve);
    request.end(JSON.stringify(input));
  });
  if (response?.statusCode !== 200) {
    if (response !== undefined) {
      refused(response.statusCode ?? 0, await content(response));
    }
    return undefined;
  }
  return events(response);
}

/** @returns undefined when there is no content, or when it is incomplete */
async function content(response: http.IncomingMessage): Promise<unknown> {
  try {
    return JSON_ENCODING.parse(Buffer.concat(await response.toArray()));
  } catch {
    return undefined;
  }
}

async function* events(response: http.IncomingMessage): AsyncGenerator<unknown, void> {
  let rest = Buffer.alloc(0);
  try {
    for await (const chunk of response) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      while (rest.length >= 4 && rest.length >= rest.readUInt32BE(0)) {
        // Throws if a checksum is wrong.
        const { headers, body } = codec.decode(rest.subarray(0, rest.readUInt32BE(0)));
        rest = rest.subarray(rest.readUInt32BE(0));
        if (headers[':message-type']?.value === 'exception') {
          return;
        }
        if (headers[':event-type']?.value === 'SubscribeToShardEvent') {
          yield JSON_ENCODING.parse(Buffer.from(body));
        }
      }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) {
      throw error;
    }
  } finally {
    response.destroy();
  }
}
