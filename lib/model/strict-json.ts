/** Of a text that is JSON: a member's name or any other text, or a bracket. */
const TOKEN = /("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g;

/**
 * Reads the JSON of policies and of documents with policies, as strictly as IAM does. Of a member that occurs twice only one would be read,
 * and the other one, perhaps a Deny, would be ignored.
 * @returns undefined if the text is not JSON, is not well-formed Unicode, or has an object with two members of the same name
 */
export function parseStrictly(text: string): unknown {
  if (!text.isWellFormed()) {
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, so it is not used.
    return undefined;
  }
  return hasTwins(text) ? undefined : value;
}

/** @param json text that parses */
function hasTwins(json: string): boolean {
  /** The members of each object, from the outermost to the one at hand; lists have none. */
  const members: Set<string>[] = [];
  for (const [token, name, colon] of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') {
      members.push(new Set());
    } else if (token === '}' || token === ']') {
      members.pop();
    } else if (name !== undefined && colon === ':') {
      const known = members.at(-1);
      const member = JSON.parse(name) as string;
      if (known?.has(member)) {
        return true;
      }
      known?.add(member);
    }
  }
  return false;
}
