/** The tokens of JSON that matter here: a member's name or another text, or a bracket. */
const TOKEN = /("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g;

/**
 * Parses the JSON of policies and of documents with policies, as strictly as IAM does. If a member occurred twice,
 * only one would be read, and the other one, perhaps a Deny, would be ignored.
 * @returns undefined if the text is not JSON, not well-formed Unicode, or has two members of one name in an object
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
  /** The member names of each enclosing object or list, from the outermost to the current one. Lists have none. */
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
