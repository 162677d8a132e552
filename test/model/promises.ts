import { type State, sealOf } from './state.ts';

/**
 * The promises. Nothing acknowledged is lost or passed, and bodies are whole. What is put after another record was
 * acknowledged stands above that record. Once the log has ended, it stands nowhere. Readers agree with the log's
 * order. A log has one end. Nothing lies beyond its seal, and nothing arrives after its closing time.
 * @returns the broken promise; undefined if there is none
 */
export function violation(state: State): string | undefined {
  return brokenEnd(state) ?? brokenAcknowledgement(state) ?? damage(state) ?? brokenOrder(state);
}

function brokenEnd(state: State): string | undefined {
  const { cells, sealers, end } = state;
  const seal = sealOf(state);
  if (cells.some((cell, position) => cell?.kind === 'seal' && position > seal)) {
    return 'the log has two seals';
  }
  if (seal !== -1 && seal < cells.length - 1) {
    return 'something lies beyond the seal';
  }
  if (end !== undefined && cells.some((cell) => cell?.kind === 'data' && cell.claimed > end)) {
    return "a record arrived after its shard's end";
  }
  return sealers.some((sealer) => sealer.at === 'done' && sealer.end !== end)
    ? 'the closing time has changed'
    : undefined;
}

function brokenAcknowledgement({ cells, writers, readers }: State): string | undefined {
  for (const [w, writer] of writers.entries()) {
    if (writer.at === 'acknowledged') {
      const cell = cells[writer.position];
      if (cell?.kind !== 'data' || cell.writer !== w) {
        return `the acknowledged record of writer ${w} is lost`;
      }
      if (!writer.inOrder) {
        return `the record of writer ${w} stands before one that was acknowledged earlier`;
      }
      if (readers.some((reader) => reader.next > writer.position && !reader.seen.includes(w))) {
        return `a reader passed the acknowledged record of writer ${w}`;
      }
    }
  }
  return undefined;
}

/** Checks every record in the log, because readers get acknowledged and other records alike. */
function damage({ cells, chunks }: State): string | undefined {
  for (const cell of cells) {
    const body = cell?.kind === 'data' ? cell.body : undefined;
    if (body && chunks.find(({ token }) => token === body.token)?.version !== body.version) {
      return `the body of a record is damaged`;
    }
  }
  return undefined;
}

function brokenOrder({ cells, readers }: State): string | undefined {
  const order = cells.flatMap((cell) => (cell?.kind === 'data' ? [cell.writer] : []));
  for (const { seen } of readers) {
    if (new Set(seen).size < seen.length) {
      return 'a reader was given a record twice';
    }
    if (seen.some((w, i) => i > 0 && order.indexOf(w) < order.indexOf(seen[i - 1] ?? -1))) {
      return 'a reader was given records out of order';
    }
  }
  return undefined;
}
