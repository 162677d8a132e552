/**
 * The part of IAM's policy language that is understood here.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: Statement | readonly Statement[];
}

type OneOrMany = string | readonly string[];

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** Resource policies have one of these two. */
  readonly Principal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly NotPrincipal?: '*' | Readonly<Record<string, OneOrMany>>;
  readonly Action?: OneOrMany;
  readonly NotAction?: OneOrMany;
  readonly Resource?: OneOrMany;
  readonly NotResource?: OneOrMany;
  /** By operator, then by key. */
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMany | boolean>>>>;
}

const LISTS = ['Action', 'NotAction', 'Resource', 'NotResource'] as const;

/** Whether a value is a policy document of the form above. */
export const isPolicyDocument = (value: unknown): value is PolicyDocument => policyProblem(value) === undefined;

/** @returns what is wrong with a policy document, to follow its name in a sentence; undefined when nothing is */
export function policyProblem(value: unknown): string | undefined {
  if (!isObject(value) || !('Statement' in value)) {
    return 'must be a policy document with a Statement';
  }
  for (const statement of [value.Statement].flat()) {
    const problem = statementProblem(statement);
    if (problem !== undefined) {
      return `has a statement that ${problem}`;
    }
  }
  return undefined;
}

function statementProblem(statement: unknown): string | undefined {
  if (!isObject(statement) || (statement.Effect !== 'Allow' && statement.Effect !== 'Deny')) {
    return 'has no Effect of Allow or Deny';
  }
  const list = LISTS.find((member) => statement[member] !== undefined && !isOneOrMany(statement[member]));
  if (list !== undefined) {
    return `has no text or list of texts as its ${list}`;
  }
  const { Condition } = statement;
  if (Condition !== undefined && !(isObject(Condition) && Object.values(Condition).every(isConditionBlock))) {
    return 'has a Condition that is no object of operators and keys';
  }
  const principals = [statement.Principal, statement.NotPrincipal];
  return principals.every(isPrincipal) ? undefined : 'has a principal that is neither * nor an object of texts';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isOneOrMany = (value: unknown): boolean => [value].flat().every((item) => typeof item === 'string');

const isPrincipal = (value: unknown): boolean =>
  value === undefined || value === '*' || (isObject(value) && Object.values(value).every(isOneOrMany));

const isConditionBlock = (block: unknown): boolean =>
  isObject(block) &&
  Object.values(block).every((values) => [values].flat().every((v) => typeof v === 'string' || typeof v === 'boolean'));
