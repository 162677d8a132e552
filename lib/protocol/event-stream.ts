import { Readable } from 'node:stream';
import { eventStreamMessage } from './event-stream-message.ts';

/** The content type of an event stream, exactly: clients compare it. */
export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

const JSON_TYPE = 'application/json';

/** The frame that comes before every other: clients take it for the operation's output. */
export const initialFrame = (): Uint8Array =>
  eventStreamMessage({ ':event-type': 'initial-response', ':content-type': JSON_TYPE, ':message-type': 'event' }, '{}');

/** @param payload the event as JSON */
export const eventFrame = (type: string, payload: string): Uint8Array =>
  eventStreamMessage({ ':event-type': type, ':content-type': JSON_TYPE, ':message-type': 'event' }, payload);

/** A fault inside a stream; nothing may come after it. */
export const exceptionFrame = (type: string, message: string): Uint8Array =>
  eventStreamMessage(
    { ':exception-type': type, ':content-type': JSON_TYPE, ':message-type': 'exception' },
    JSON.stringify({ message }),
  );

/** Makes frames until the signal says that nobody takes them any more. */
export type Frames = (gone: AbortSignal) => AsyncGenerator<Uint8Array, void>;

/** Whether a client that takes nothing for a while may go on holding its answer. */
export interface IdleCheck {
  /** How long nothing is taken before it is asked, and asked again, ms. */
  readonly everyMs: number;
  mayContinue(): Promise<boolean>;
}

/**
 * An answer that goes on: frames are made as fast as the client takes them, one at a time. When the client goes away, what
 * makes them is told at once.
 */
export class EventStream extends Readable {
  readonly #gone = new AbortController();
  readonly #frames: AsyncGenerator<Uint8Array, void>;
  readonly #timeout: NodeJS.Timeout;
  readonly #patience: IdleCheck | undefined;
  #untaken: NodeJS.Timeout | undefined;

  /**
   * @param lifeMs   after which it breaks off, even where the client takes nothing
   * @param patience undefined: with a client that takes nothing it is held for as long
   */
  constructor(frames: Frames, lifeMs: number, patience?: IdleCheck) {
    // No frame is made before the one before it has been taken.
    super({ highWaterMark: 1 });
    this.#frames = frames(this.#gone.signal);
    this.#patience = patience;
    this.#timeout = setTimeout(() => this.destroy(), lifeMs).unref();
  }

  override _read(): void {
    clearInterval(this.#untaken);
    this.#frames.next().then(
      ({ done, value }) => {
        this.#untaken = done ? undefined : this.#watchUntaken();
        this.push(done ? null : value);
      },
      (error) => this.destroy(error),
    );
  }

  /** What makes the frames stands still until the last one is taken, and finds nothing out meanwhile. */
  #watchUntaken(): NodeJS.Timeout | undefined {
    const patience = this.#patience;
    return (
      patience &&
      setInterval(() => {
        patience.mayContinue().then((mayContinue) => mayContinue || this.destroy());
      }, patience.everyMs).unref()
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    clearTimeout(this.#timeout);
    clearInterval(this.#untaken);
    this.#gone.abort();
    // It may stand between two frames: what it holds is freed there, too.
    this.#frames.return().catch(() => {});
    callback(error);
  }

  /** Lets the stream end soon, as if its time were over. */
  finish(): void {
    this.#gone.abort();
  }
}
