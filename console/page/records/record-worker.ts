/// <reference lib="webworker" />

import type { FromWorker, ToWorker } from './messages.ts';
import { RecordReading } from './record-reading.ts';

/** The page's second thread: it reads, keeps, filters and opens records, so that the page itself only shows a few rows. */
const scope = self as unknown as DedicatedWorkerGlobalScope;
const reading = new RecordReading((message: FromWorker) => scope.postMessage(message));

scope.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => reading.receive(data));
