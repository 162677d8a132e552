import { Failure, sentenceOf } from '../../client/failure.ts';
import { HEALTH_PATH } from '../../local/health.ts';
import { printJson } from '../output.ts';

const TIMEOUT_MS = 5_000;

/** Asks a server whether it is ready. @throws Failure if it is not */
export async function health({ endpoint, json }: { endpoint: string; json?: true | undefined }): Promise<void> {
  const problem = await problemOf(endpoint);
  if (json) {
    printJson({ endpoint, status: problem === undefined ? 'ready' : 'not ready', ...(problem && { problem }) });
  }
  if (problem !== undefined) {
    throw new Failure(problem);
  }
  if (!json) {
    console.log(`${endpoint} is ready`);
  }
}

async function problemOf(endpoint: string): Promise<string | undefined> {
  if (!URL.canParse(endpoint)) {
    return `'${endpoint}' is no URL`;
  }
  try {
    const { status } = await fetch(new URL(HEALTH_PATH, endpoint), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return status === 200 ? undefined : `${endpoint} is not ready: it answered ${status}`;
  } catch (error) {
    return sentenceOf(error, endpoint);
  }
}
