import type {
  FilterInput,
  FromWorker,
  OpenedPart,
  OpenedRecord,
  Question,
  RecordPlace,
  RowView,
  ShardRange,
  TailInput,
  TailState,
  ToWorker,
} from './messages.ts';
import type { StoredRow } from './record-store.ts';

export const IDLE: TailState = {
  phase: 'idle',
  shards: 0,
  total: 0,
  dataBytes: 0,
  kept: 0,
  matched: 0,
  isFiltering: false,
  bytes: 0,
  recordsPerSecond: 0,
};

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** The one address that the page makes a script of. */
const workerUrl = (): string => {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy('rivulet', { createScriptURL: () => '/record-worker.js' });
  return policy?.createScriptURL('') ?? '/record-worker.js';
};

let policy: ReturnType<TrustedTypes['createPolicy']> | undefined;

type Asked<T> = T extends Question ? Omit<T, 'id'> : never;

/** The page's side of its second thread. */
export class RecordClient {
  readonly #worker = new Worker(workerUrl(), { type: 'module' });
  readonly #waiting = new Map<number, (answer: FromWorker) => void>();
  #asked = 0;

  /** @param onState hears how the reading goes, some times a second */
  constructor(onState: (state: TailState) => void) {
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'state') {
        onState(data.state);
      } else {
        this.#waiting.get(data.id)?.(data);
        this.#waiting.delete(data.id);
      }
    });
    this.#worker.addEventListener('error', ({ message }) => {
      onState({
        ...IDLE,
        phase: 'failed',
        message: `The reading has broken down: ${message ?? 'its script cannot be loaded'}`,
      });
    });
  }

  open(tail: TailInput): void {
    this.#tell({ type: 'open', tail });
  }

  close(): void {
    this.#tell({ type: 'close' });
  }

  /** Pauses, or goes on: which of both is known in the second thread first. */
  togglePause(): void {
    this.#tell({ type: 'toggle-pause' });
  }

  filter(filter: FilterInput | undefined): void {
    this.#tell({ type: 'filter', filter });
  }

  /** Rows, counted from the newest on. */
  async rows(from: number, count: number): Promise<readonly RowView[]> {
    const answer = await this.#ask({ type: 'rows', from, count });
    return answer.type === 'rows' ? answer.rows : [];
  }

  async record(index: number): Promise<OpenedRecord | undefined> {
    const answer = await this.#ask({ type: 'record', index });
    return answer.type === 'record' ? answer.record : undefined;
  }

  /** Opens one part of an aggregate. */
  async part(data: Blob, part: number): Promise<OpenedPart | undefined> {
    const answer = await this.#ask({ type: 'part', data, part });
    return answer.type === 'part' ? answer.opened : undefined;
  }

  /** The shown record beside another one: the next older, or the next newer. From undefined, it is the newest. */
  async neighbour(index: number | undefined, by: 1 | -1): Promise<RecordPlace | undefined> {
    const answer = await this.#ask({ type: 'neighbour', index, by });
    return answer.type === 'neighbour' ? answer.place : undefined;
  }

  /** Opens a record that is not in the table. */
  async decode(record: Omit<StoredRow, 'index'>): Promise<OpenedRecord | undefined> {
    const answer = await this.#ask({ type: 'decode', record });
    return answer.type === 'record' ? answer.record : undefined;
  }

  /** The shown records as NDJSON. */
  async download(shards: readonly ShardRange[]): Promise<Blob> {
    const answer = await this.#ask({ type: 'download', shards });
    return answer.type === 'download' ? answer.blob : new Blob();
  }

  end(): void {
    this.#worker.terminate();
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #ask(question: Asked<Question>): Promise<FromWorker> {
    const id = this.#asked++;
    this.#tell({ ...question, id } as Question);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
