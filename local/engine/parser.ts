import { unsupported, ValidationException } from './errors.ts';
import { type Token, tokens } from './lexer.ts';
import { RESERVED_WORDS } from './reserved-words.ts';
import type {
  ActionSyntax,
  AssignedSyntax,
  Comparator,
  ConditionSyntax,
  OperandSyntax,
  Parsed,
  PathSyntax,
  ValueSyntax,
} from './syntax.ts';

/** DynamoDB's limits of an expression. https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_EXPRESSION_BYTES = 4_096;

const COMPARATORS: ReadonlySet<string> = new Set(['=', '<>', '<', '<=', '>', '>=']);

/** @throws ValidationException */
export const parseCondition = (text: string, what: string): Parsed<ConditionSyntax> =>
  new Parser(text, what).whole((parser) => parser.condition());

/** @throws ValidationException */
export const parseUpdate = (text: string): Parsed<readonly ActionSyntax[]> =>
  new Parser(text, 'UpdateExpression').whole((parser) => parser.actions());

/** @throws ValidationException */
export const parseProjection = (text: string): Parsed<readonly PathSyntax[]> =>
  new Parser(text, 'ProjectionExpression').whole((parser) => parser.listed(() => parser.path()));

/** Parses one expression, by recursive descent: OR binds least, then AND, then NOT. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #what: string;
  readonly #names = new Set<string>();
  readonly #values = new Set<string>();
  readonly #inParentheses = new WeakSet<ConditionSyntax>();
  #at = 0;

  constructor(text: string, what: string) {
    if (Buffer.byteLength(text) > MAX_EXPRESSION_BYTES) {
      throw new ValidationException(`Invalid ${what}: Expression size has exceeded the maximum allowed size`);
    }
    this.#tokens = tokens(text, what);
    this.#what = what;
  }

  whole<T>(read: (parser: Parser) => T): Parsed<T> {
    const syntax = read(this);
    if (this.#token.kind !== 'end') {
      throw this.#error();
    }
    return { syntax, names: this.#names, values: this.#values };
  }

  listed<T>(read: () => T): T[] {
    const all = [read()];
    while (this.#takeSign(',')) {
      all.push(read());
    }
    return all;
  }

  condition(): ConditionSyntax {
    let left = this.#conjunction();
    while (this.#takeWord('OR')) {
      left = { kind: 'or', left, right: this.#conjunction() };
    }
    return left;
  }

  #conjunction(): ConditionSyntax {
    let left = this.#negation();
    while (this.#takeWord('AND')) {
      left = { kind: 'and', left, right: this.#negation() };
    }
    return left;
  }

  #negation(): ConditionSyntax {
    return this.#takeWord('NOT') ? { kind: 'not', operand: this.#negation() } : this.#test();
  }

  #test(): ConditionSyntax {
    if (this.#takeSign('(')) {
      const inner = this.condition();
      this.#needSign(')');
      if (this.#inParentheses.has(inner)) {
        throw new ValidationException(`Invalid ${this.#what}: The expression has redundant parentheses;`);
      }
      this.#inParentheses.add(inner);
      return inner;
    }
    return this.#function() ?? this.#comparison();
  }

  #function(): ConditionSyntax | undefined {
    const { text } = this.#token;
    if (this.#token.kind !== 'word' || this.#tokens[this.#at + 1]?.text !== '(') {
      return undefined;
    }
    switch (text) {
      case 'attribute_exists':
      case 'attribute_not_exists':
        return { kind: text, path: this.#called(() => this.path()) };
      case 'attribute_type':
      case 'begins_with':
      case 'contains':
        return this.#called(() => {
          const path = this.path();
          this.#needSign(',');
          return { kind: text, path, operand: this.#operand() };
        });
      case 'size':
        return undefined;
      default:
        throw new ValidationException(`Invalid ${this.#what}: Invalid function name; function: ${text}`);
    }
  }

  #comparison(): ConditionSyntax {
    const operand = this.#operand();
    if (this.#takeWord('BETWEEN')) {
      const low = this.#operand();
      this.#needWord('AND');
      return { kind: 'between', operand, low, high: this.#operand() };
    }
    if (this.#takeWord('IN')) {
      this.#needSign('(');
      const among = this.listed(() => this.#operand());
      this.#needSign(')');
      return { kind: 'in', operand, among };
    }
    if (this.#token.kind !== 'sign' || !COMPARATORS.has(this.#token.text)) {
      throw this.#error();
    }
    const comparator = this.#take().text as Comparator;
    return { kind: 'compare', comparator, left: operand, right: this.#operand() };
  }

  #operand(): OperandSyntax {
    if (this.#token.kind === 'value') {
      return this.#value();
    }
    if (this.#token.text === 'size' && this.#tokens[this.#at + 1]?.text === '(') {
      return { kind: 'size', of: this.#called(() => this.path()) };
    }
    return this.path();
  }

  #called<T>(read: () => T): T {
    this.#take();
    this.#needSign('(');
    const read_ = read();
    this.#needSign(')');
    return read_;
  }

  #value(): ValueSyntax {
    if (this.#token.kind !== 'value') {
      throw this.#error();
    }
    const name = this.#take().text;
    this.#values.add(name);
    return { kind: 'value', name };
  }

  path(): PathSyntax {
    const steps: (string | number)[] = [this.#step()];
    for (;;) {
      if (this.#takeSign('.')) {
        steps.push(this.#step());
      } else if (this.#takeSign('[')) {
        if (this.#token.kind !== 'number') {
          throw this.#error();
        }
        steps.push(Number(this.#take().text));
        this.#needSign(']');
      } else {
        return { kind: 'path', steps };
      }
    }
  }

  #step(): string {
    const { kind } = this.#token;
    if (kind !== 'word' && kind !== 'name') {
      throw this.#error();
    }
    const { text } = this.#take();
    if (kind === 'name') {
      this.#names.add(text);
    } else if (RESERVED_WORDS.has(text.toUpperCase())) {
      throw new ValidationException(
        `Invalid ${this.#what}: Attribute name is a reserved keyword; reserved keyword: ${text}`,
      );
    }
    return text;
  }

  actions(): ActionSyntax[] {
    const actions: ActionSyntax[] = [];
    const sections = new Set<string>();
    while (this.#token.kind !== 'end') {
      const section = this.#take().text.toUpperCase();
      if (sections.has(section)) {
        throw new ValidationException(
          `Invalid UpdateExpression: The "${section}" section can only be used once in an update expression;`,
        );
      }
      sections.add(section);
      actions.push(...this.#section(section));
    }
    if (actions.length === 0) {
      throw new ValidationException('Invalid UpdateExpression: The expression can not be empty;');
    }
    return actions;
  }

  #section(section: string): ActionSyntax[] {
    switch (section) {
      case 'SET':
        return this.listed(() => {
          const path = this.path();
          this.#needSign('=');
          return { kind: 'set', path, to: this.#assigned() };
        });
      case 'REMOVE':
        return this.listed(() => ({ kind: 'remove', path: this.path() }));
      case 'ADD':
        return this.listed(() => ({ kind: 'add to', path: this.path(), value: this.#value() }));
      case 'DELETE':
        throw unsupported('DELETE in update expressions, which is for sets');
      default:
        this.#at -= 1;
        throw this.#error();
    }
  }

  #assigned(): AssignedSyntax {
    const left = this.#assignable();
    if (this.#takeSign('+')) {
      return { kind: 'add', left, right: this.#assignable() };
    }
    return this.#takeSign('-') ? { kind: 'subtract', left, right: this.#assignable() } : left;
  }

  #assignable(): AssignedSyntax {
    if (this.#token.kind === 'value') {
      return this.#value();
    }
    if (this.#token.kind !== 'word' || this.#tokens[this.#at + 1]?.text !== '(') {
      return this.path();
    }
    const { text } = this.#token;
    switch (text) {
      case 'if_not_exists':
        return this.#called(() => {
          const path = this.path();
          this.#needSign(',');
          return { kind: 'if_not_exists', path, otherwise: this.#assignable() };
        });
      case 'list_append':
        return this.#called(() => {
          const left = this.#assignable();
          this.#needSign(',');
          return { kind: 'list_append', left, right: this.#assignable() };
        });
      default:
        throw new ValidationException(`Invalid UpdateExpression: Invalid function name; function: ${text}`);
    }
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token;
  }

  #take(): Token {
    const token = this.#token;
    this.#at += 1;
    return token;
  }

  /** Keywords may be written in any case. */
  #takeWord(word: string): boolean {
    const isIt = this.#token.kind === 'word' && this.#token.text.toUpperCase() === word;
    this.#at += isIt ? 1 : 0;
    return isIt;
  }

  #needWord(word: string): void {
    if (!this.#takeWord(word)) {
      throw this.#error();
    }
  }

  #takeSign(sign: string): boolean {
    const isIt = this.#token.kind === 'sign' && this.#token.text === sign;
    this.#at += isIt ? 1 : 0;
    return isIt;
  }

  #needSign(sign: string): void {
    if (!this.#takeSign(sign)) {
      throw this.#error();
    }
  }

  #error(): ValidationException {
    const { kind, text } = this.#token;
    return new ValidationException(
      `Invalid ${this.#what}: Syntax error; token: ${kind === 'end' ? '<EOF>' : `"${text}"`}`,
    );
  }
}
