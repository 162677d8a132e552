import { invalidArgument, type StreamReference } from '../faults.ts';
import type { Limits } from '../model/limits.ts';
import type { ResourceMembers } from '../model/resource.ts';

/** A stream's or a consumer's tags. */
type TagMap = ResourceMembers['tags'];

/** The characters that the real service accepts. */
const VALID = /^[\u00c0-\u1fff\u2c00-\ud7ffA-Za-z0-9_./\-=+ @%:]*$/;

/** The prefix of keys that only AWS may set. */
const RESERVED = /^aws:/i;

const ILLEGAL = "The allowed characters are Unicode letters, white-spaces, '_',',','/','=','+','-','@'.";

/**
 * Checks tags before they are added, with the order and the messages of the real service.
 * @param existing the tags that the stream has
 * @throws KinesisFault InvalidArgumentException
 */
export function checkTags(
  added: TagMap,
  existing: TagMap,
  reference: StreamReference,
  limits: Pick<Limits, 'tagsPerStream'>,
): void {
  checkCharacters(Object.entries(added).flat(), 'add tags to', reference);
  if (Object.keys(added).some((key) => RESERVED.test(key))) {
    // Other services use these words. Kinesis' own are not known.
    throw invalidArgument('aws: prefixed tag key names are not allowed for external use.');
  }
  if (Object.keys({ ...existing, ...added }).length > limits.tagsPerStream) {
    // The message says 10 but the limit is 50, as in the real service.
    throw invalidArgument(
      `${failure('add tags to', reference)} a given stream cannot have more than 10 tags associated with it.`,
    );
  }
}

/** Checks tag keys before they are removed. @throws KinesisFault InvalidArgumentException */
export function checkTagKeys(removed: readonly string[], reference: StreamReference): void {
  checkCharacters(removed, 'remove tags from', reference);
}

function checkCharacters(texts: readonly string[], doing: string, reference: StreamReference): void {
  if (!texts.every((text) => VALID.test(text))) {
    throw invalidArgument(
      'Some tags contain invalid characters. Valid characters: Unicode letters, digits, white space, _ . / = + - % @.',
    );
  }
  if (texts.some((text) => text.includes('%'))) {
    throw invalidArgument(`${failure(doing, reference)} some tags contained illegal characters. ${ILLEGAL}`);
  }
}

const failure = (doing: string, { streamName, accountId }: StreamReference): string =>
  `Failed to ${doing} stream ${streamName} under account ${accountId} because`;
