/**
 * Whether a text matches a pattern of IAM: `*` stands for any characters, `?` for any one. In time that grows with the
 * product of the lengths at most, whatever the pattern.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let star = -1;
  let starText = 0;
  while (inText < text.length) {
    if (pattern[at] === '*') {
      star = at;
      at += 1;
      starText = inText;
    } else if (pattern[at] === '?' || pattern[at] === text[inText]) {
      at += 1;
      inText += 1;
    } else if (star !== -1) {
      // The last star takes one character more.
      at = star + 1;
      starText += 1;
      inText = starText;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
