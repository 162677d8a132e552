import { type State, sealOf } from './state.ts';

/**
 * The promises: nothing acknowledged is lost or passed, and bodies are whole; what was put after another record had been
 * acknowledged stands after it, and nowhere once the log has ended; readers agree with the log's order; a log has one end,
 * nothing lies beyond its seal, and nothing arrived after its closing time.
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

/** Readers are given what stands, acknowledged or not. */
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
