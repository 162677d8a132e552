import { ValidationException } from './errors.ts';

/** A token of an expression. */
export interface Token {
  readonly kind: 'word' | 'name' | 'value' | 'number' | 'sign' | 'end';
  readonly text: string;
}

/** Words, `#name`, `:value`, digits, and signs. Blanks are skipped. */
const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>()[\],.+-]))/y;

const KINDS = ['word', 'name', 'value', 'number', 'sign'] as const;

/**
 * Splits an expression into tokens.
 * @param what the kind of expression, for the error message
 * @throws ValidationException
 */
export function tokens(text: string, what: string): Token[] {
  const found: Token[] = [];
  for (TOKEN.lastIndex = 0; /\S/.test(text.slice(TOKEN.lastIndex)); ) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      throw new ValidationException(`Invalid ${what}: Syntax error near "${text.slice(at, at + 20).trim()}"`);
    }
    const group = match.slice(1).findIndex((part) => part !== undefined);
    found.push({ kind: KINDS[group] as Token['kind'], text: match[group + 1] as string });
  }
  return [...found, { kind: 'end', text: '' }];
}
