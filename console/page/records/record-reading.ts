import type { TailLine } from '../../wire.ts';
import { type ApiError, errorOf, lines, post, setThreadRegion } from '../api.ts';
import { fromBase64 } from '../model/base64.ts';
import { storedLine } from './download.ts';
import { Matches } from './matches.ts';
import type { FromWorker, Question, TailInput, TailState, ToWorker } from './messages.ts';
import { openPartOf, openRecord, rowView } from './opened-record.ts';
import { type Accepts, compileFilter } from './record-filter.ts';
import { type Bounds, RecordStore } from './record-store.ts';

/** What a browser's tab keeps of a stream. */
const BOUNDS: Bounds = { records: 1_000_000, bytes: 256 * 1024 * 1024 };

/** The least time between two states, ms: nobody reads faster. */
const TELL_EVERY_MS = 200;

/** What a rate is of, ms. */
const RATE_MS = 2_000;

/** Reads a stream for the page, and answers its questions. */
export class RecordReading {
  readonly #send: (message: FromWorker) => void;
  #store = new RecordStore(BOUNDS);
  #accepts: Accepts | undefined;
  #matches = new Matches(this.#store, undefined);
  #state: Pick<TailState, 'phase' | 'message' | 'cost' | 'shards' | 'filterError'> = { phase: 'idle', shards: 0 };
  #ending = new AbortController();
  #paused: Promise<void> | undefined;
  #resume: () => void = () => {};
  #telling: ReturnType<typeof setTimeout> | undefined;
  #isFiltering = false;
  #dataBytes = 0;
  /** When some of the newest records came, and how many there were then. */
  #counts: { at: number; total: number }[] = [];

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case 'open':
        this.#open(message.tail);
        break;
      case 'close':
        this.#close();
        break;
      case 'toggle-pause':
        this.#pause(this.#paused === undefined);
        break;
      case 'filter':
        this.#filter(message.filter);
        break;
      case 'part':
        this.#openPart(message);
        break;
      default:
        this.#send(this.#answer(message));
    }
  }

  async #openPart({ id, data, part }: Extract<Question, { type: 'part' }>): Promise<void> {
    this.#send({ type: 'part', id, opened: openPartOf(new Uint8Array(await data.arrayBuffer()), part) });
  }

  #answer(question: Exclude<Question, { type: 'part' }>): FromWorker {
    const { id } = question;
    switch (question.type) {
      case 'rows':
        return { type: 'rows', id, rows: this.#rows(question.from, question.count) };
      case 'record': {
        const row = this.#store.row(question.index);
        return { type: 'record', id, record: row && openRecord(row) };
      }
      case 'neighbour':
        return { type: 'neighbour', id, place: this.#matches.neighbour(question.index, question.by) };
      case 'decode':
        return { type: 'record', id, record: openRecord({ ...question.record, index: -1 }) };
      case 'download': {
        while (!this.#matches.isComplete) {
          this.#matches.lookOn();
        }
        const parts = storedParts(this.#store, this.#matches, question.shards);
        return { type: 'download', id, blob: new Blob(parts, { type: 'application/x-ndjson' }) };
      }
    }
  }

  #open(tail: TailInput): void {
    this.#close();
    this.#ending = new AbortController();
    this.#state = { ...this.#state, phase: 'opening' };
    this.#read(tail, this.#ending.signal);
  }

  #close(): void {
    this.#ending.abort();
    this.#pause(false);
    this.#store = new RecordStore(BOUNDS);
    this.#matches = new Matches(this.#store, this.#accepts);
    this.#counts = [];
    this.#dataBytes = 0;
    this.#state = { phase: 'idle', shards: 0, filterError: this.#state.filterError };
    this.#tell();
  }

  /** A reader that pauses takes nothing from the console, which then takes nothing from the stream. */
  #pause(isPaused: boolean): void {
    if (isPaused === (this.#paused !== undefined)) {
      return;
    }
    this.#resume();
    this.#paused = undefined;
    const { phase } = this.#state;
    if (isPaused) {
      this.#paused = new Promise((resolve) => {
        this.#resume = resolve;
      });
    }
    if (phase === 'reading' || phase === 'paused') {
      this.#state = { ...this.#state, phase: isPaused ? 'paused' : 'reading' };
    }
    this.#tell();
  }

  async #read({ region, ...tail }: TailInput, signal: AbortSignal): Promise<void> {
    setThreadRegion(region);
    try {
      const response = await post('tail', tail, signal);
      if (!response.ok) {
        throw errorOf(await response.json().catch(() => undefined), response.status);
      }
      for await (const line of lines<TailLine>(response)) {
        while (line.type === 'records' && this.#paused !== undefined) {
          await this.#paused;
        }
        if (signal.aborted) {
          return;
        }
        this.#take(line);
      }
      if (!signal.aborted && this.#state.phase !== 'ended' && this.#state.phase !== 'failed') {
        this.#state = { ...this.#state, phase: 'failed', message: 'The console has ended the reading.' };
      }
    } catch (error) {
      if (!signal.aborted) {
        this.#state = { ...this.#state, phase: 'failed', message: (error as ApiError).message };
      }
    }
    this.#tell();
  }

  #take(line: TailLine): void {
    if (line.type === 'records') {
      for (const [sequenceNumber, partitionKey, arrivedMs, text] of line.records) {
        const data = fromBase64(text);
        this.#dataBytes += data.length;
        this.#store.add(line.shard, sequenceNumber, partitionKey, arrivedMs, data);
      }
      this.#lookOn();
    } else if (line.type === 'begun') {
      const phase = this.#paused === undefined ? 'reading' : 'paused';
      this.#state = { ...this.#state, phase, shards: line.shards, cost: line.cost };
    } else {
      this.#state = { ...this.#state, phase: line.type, message: line.type === 'failed' ? line.message : undefined };
    }
    this.#tell();
  }

  #filter(filter: Parameters<typeof compileFilter>[0] | undefined): void {
    let filterError: string | undefined;
    this.#accepts = undefined;
    try {
      this.#accepts = filter && compileFilter(filter);
    } catch (error) {
      filterError = (error as Error).message;
      this.#accepts = () => false;
    }
    this.#state = { ...this.#state, filterError };
    this.#matches = new Matches(this.#store, this.#accepts);
    this.#lookOn();
    this.#tell();
  }

  /** Filters what has come, in parts, so that questions are answered in between. */
  #lookOn(): void {
    if (this.#isFiltering) {
      return;
    }
    this.#matches.lookOn();
    if (!this.#matches.isComplete) {
      this.#isFiltering = true;
      setTimeout(() => {
        this.#isFiltering = false;
        this.#lookOn();
        this.#tell();
      });
    }
  }

  #rows(from: number, count: number) {
    const rows = Array.from({ length: count }, (_, at) => this.#matches.fromNewest(from + at))
      .filter((index) => index !== undefined)
      .map((index) => this.#store.row(index))
      .filter((row) => row !== undefined);
    return rows.map(rowView);
  }

  #tell(): void {
    this.#telling ??= setTimeout(() => {
      this.#telling = undefined;
      this.#send({ type: 'state', state: this.#current() });
      if (this.#rate() > 0) {
        // The rate falls without any record.
        this.#tell();
      }
    }, TELL_EVERY_MS);
  }

  #current(): TailState {
    const { end, first, bytes } = this.#store;
    this.#counts.push({ at: performance.now(), total: end });
    return {
      ...this.#state,
      total: end,
      dataBytes: this.#dataBytes,
      kept: end - first,
      matched: this.#matches.count,
      isFiltering: !this.#matches.isComplete,
      bytes,
      recordsPerSecond: this.#rate(),
    };
  }

  #rate(): number {
    const now = performance.now();
    const recent = this.#counts.filter(({ at }) => at >= now - RATE_MS);
    this.#counts = recent;
    const [oldest] = recent;
    const newest = recent.at(-1);
    if (oldest === undefined || newest === undefined || newest.at - oldest.at < TELL_EVERY_MS / 2) {
      return 0;
    }
    return ((newest.total - oldest.total) * 1_000) / (newest.at - oldest.at);
  }
}

/** Lines of a download that become one part. */
const PART_LINES = 5_000;

/** The shown records from old to new, as `rivulet export` writes them. In parts, which browsers keep outside of a script's memory. */
function storedParts(store: RecordStore, matches: Matches, shards: Parameters<typeof storedLine>[1]): Blob[] {
  const parts: Blob[] = [];
  let lines: string[] = [];
  for (let at = matches.count - 1; at >= 0; at--) {
    const index = matches.fromNewest(at);
    const row = index === undefined ? undefined : store.row(index);
    if (row !== undefined) {
      lines.push(`${storedLine(row, shards)}\n`);
    }
    if (lines.length === PART_LINES || at === 0) {
      parts.push(new Blob(lines));
      lines = [];
    }
  }
  return parts;
}
