import { setTimeout as sleep } from 'node:timers/promises';
import { EventStreamCodec } from '@smithy/core/event-streams';
import { fromUtf8, toUtf8 } from '@smithy/core/serde';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStream, exceptionFrame, initialFrame } from '../../lib/protocol/event-stream.ts';
import { eventStreamMessage } from '../../lib/protocol/event-stream-message.ts';
import { until } from '../support/until.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('frames', () => {
  it('begin with an initial response, byte for byte as clients expect it', () => {
    expect(hex(initialFrame())).toBe(
      '00000068000000564e6817240b3a6576656e742d74797065070010696e697469616c2d726573706f6e73650d3a636f6e74656e742d74797065' +
        '0700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b7dd591c62b',
    );
  });

  it('tell an exception by its type and a message', () => {
    expect(hex(exceptionFrame('ResourceInUseException', 'x'))).toBe(
      '0000008300000064d9bbb06a0f3a657863657074696f6e2d747970650700165265736f75726365496e557365457863657074696f6e0d3a636f6e' +
        '74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d74797065070009657863657074696f6e7b226d' +
        '657373616765223a2278227d8bd5b57e',
    );
  });
});

describe('messages of an event stream', () => {
  const codec = new EventStreamCodec(toUtf8, fromUtf8);

  it('are what the SDK writes, for every header and payload', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), text), text, (headers, payload) => {
        const typed = Object.entries(headers).map(([name, value]) => [name, { type: 'string' as const, value }]);
        const expected = codec.encode({ headers: Object.fromEntries(typed), body: Buffer.from(payload) });

        expect(hex(eventStreamMessage(headers, payload))).toBe(hex(expected));
      }),
    );
  });
});

describe('an event stream', () => {
  /** Endless frames, and whether the resources that they hold were freed. */
  function endless(): { freed: boolean; made: number; frames(): AsyncGenerator<Uint8Array, void> } {
    const state = {
      freed: false,
      made: 0,
      async *frames(): AsyncGenerator<Uint8Array, void> {
        try {
          for (;;) {
            state.made += 1;
            yield Buffer.alloc(1_000);
          }
        } finally {
          state.freed = true;
        }
      },
    };
    return state;
  }

  it('makes a frame only when the one before has been taken', async () => {
    const made = endless();
    const stream = new EventStream(() => made.frames(), 60_000);

    stream.read(0);
    await until(() => made.made > 0);
    await sleep(20);

    expect(made.made).toBe(1);
    stream.destroy();
  });

  it('frees what it holds when its client goes away between two frames', async () => {
    const made = endless();
    const stream = new EventStream(() => made.frames(), 60_000);
    stream.read(0);
    await until(() => made.made > 0);
    expect(made.freed).toBe(false);

    stream.destroy();

    await until(() => made.freed);
  });

  it('asks whether it goes on while nothing is taken, and breaks off when it does not', async () => {
    const made = endless();
    const answers = [true, false];
    const mayContinue = async () => answers.shift() ?? false;
    const stream = new EventStream(() => made.frames(), 60_000, { everyMs: 20, mayContinue });
    stream.read(0);

    await until(() => stream.destroyed && made.freed);
    expect(answers).toEqual([]);
  });

  it('does not ask while it is taken', async () => {
    const made = endless();
    let asked = 0;
    const mayContinue = async () => {
      asked += 1;
      return false;
    };
    const stream = new EventStream(() => made.frames(), 60_000, { everyMs: 1, mayContinue });
    for await (const _ of stream) {
      if (made.made > 100) {
        break;
      }
    }

    expect(asked).toBe(0);
  });

  it('breaks off when its life is over, even where nobody takes anything', async () => {
    const made = endless();
    const stream = new EventStream(() => made.frames(), 50);
    stream.read(0);

    await until(() => stream.destroyed && made.freed);
  });
});
