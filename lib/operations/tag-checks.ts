import { invalidArgument, type StreamReference } from '../faults.ts';
import type { Limits } from '../model/limits.ts';

/** The characters that the real service takes for letters; it tells so in its sentence. */
const VALID = /^[\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_./\-=+ @%:]*$/;

/**
 * Checks tags that a stream is to get, in the real service's order and words.
 * @param existing the tags that the stream has
 * @throws KinesisFault InvalidArgumentException
 */
export function checkTags(
  added: Readonly<Record<string, string>>,
  existing: Readonly<Record<string, string>>,
  { streamName, accountId }: StreamReference,
  limits: Pick<Limits, 'tagsPerStream'>,
): void {
  const texts = Object.entries(added).flat();
  const failure = `Failed to add tags to stream ${streamName} under account ${accountId} because`;
  if (!texts.every((text) => VALID.test(text))) {
    throw invalidArgument(
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    );
  }
  if (texts.some((text) => text.includes('%'))) {
    throw invalidArgument(
      `${failure} some tags contained illegal characters. The allowed characters are Unicode letters, ` +
        "white-spaces, '_',',','/','=','+','-','@'.",
    );
  }
  if (Object.keys({ ...existing, ...added }).length > limits.tagsPerStream) {
    // Says 10 and means 50, as the real service does.
    throw invalidArgument(`${failure} a given stream cannot have more than 10 tags associated with it.`);
  }
}
