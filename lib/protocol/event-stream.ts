import { Readable } from 'node:stream';
import { eventStreamMessage } from './event-stream-message.ts';

/** The content type of an event stream. It must be exactly this text, because clients compare it. */
export const EVENT_STREAM = 'application/vnd.amazon.eventstream';

const JSON_TYPE = 'application/json';

/** The first frame of every stream. Clients read it as the operation's output. */
export const initialFrame = (): Uint8Array =>
  eventStreamMessage({ ':event-type': 'initial-response', ':content-type': JSON_TYPE, ':message-type': 'event' }, '{}');

/** @param payload the event as JSON */
export const eventFrame = (type: string, payload: string): Uint8Array =>
  eventStreamMessage({ ':event-type': type, ':content-type': JSON_TYPE, ':message-type': 'event' }, payload);

/** A fault inside a stream. It must be the last frame. */
export const exceptionFrame = (type: string, message: string): Uint8Array =>
  eventStreamMessage(
    { ':exception-type': type, ':content-type': JSON_TYPE, ':message-type': 'exception' },
    JSON.stringify({ message }),
  );

/** Makes frames until the signal reports that no client reads them any more. */
export type Frames = (gone: AbortSignal) => AsyncGenerator<Uint8Array, void>;

/** Decides whether a client that has stopped reading may keep its streaming response open. */
export interface IdleCheck {
  /** The check runs each time the client has read nothing for this long, ms. */
  readonly everyMs: number;
  mayContinue(): Promise<boolean>;
}

/**
 * A streaming response. It makes one frame at a time, as fast as the client reads them. When the client disconnects,
 * the abort signal reports this to the frame generator at once.
 */
export class EventStream extends Readable {
  readonly #gone = new AbortController();
  readonly #frames: AsyncGenerator<Uint8Array, void>;
  readonly #timeout: NodeJS.Timeout;
  readonly #patience: IdleCheck | undefined;
  #untaken: NodeJS.Timeout | undefined;

  /**
   * @param lifeMs   the stream is destroyed after this time, even when the client reads nothing
   * @param patience undefined: a client that reads nothing keeps the stream for all of `lifeMs`
   */
  constructor(frames: Frames, lifeMs: number, patience?: IdleCheck) {
    // The stream makes a frame only after the client has read the one before.
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

  /** The generator is paused until the client reads the last frame. Meanwhile a timer checks in its place. */
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
    // The generator may be paused between two frames: `return` makes it free its resources there, too.
    this.#frames.return().catch(() => {});
    callback(error);
  }

  /** Ends the stream soon, as if its time had expired. */
  finish(): void {
    this.#gone.abort();
  }
}
