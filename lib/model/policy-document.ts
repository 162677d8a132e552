/**
 * The supported part of IAM's policy language.
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

/** A policy of an access key, or of a stream or consumer. Only the latter have principals. */
export type PolicyKind = 'identity' | 'resource';

const DOCUMENT_MEMBERS = new Set(['Version', 'Id', 'Statement']);

const VERSIONS = new Set<unknown>(['2012-10-17', '2008-10-17']);

const MEMBERS = new Set([
  ...['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'],
]);

const PAIRS = [
  ['Action', 'NotAction'],
  ['Resource', 'NotResource'],
] as const;

/**
 * Why a value is not a supported policy document. The check is strict: a misread statement could allow what it was
 * written to deny.
 * @returns text that follows the document's name in a sentence; undefined if the document is valid
 */
export function policyProblem(value: unknown, kind: PolicyKind): string | undefined {
  if (!isObject(value) || !('Statement' in value)) {
    return 'must be a policy document with a Statement';
  }
  const unknown = Object.keys(value).find((member) => !DOCUMENT_MEMBERS.has(member));
  if (unknown !== undefined) {
    return `has a member ${unknown}, which is none of a policy's`;
  }
  if (value.Version !== undefined && !VERSIONS.has(value.Version)) {
    return 'has a Version that is neither 2012-10-17 nor 2008-10-17';
  }
  if (value.Id !== undefined && typeof value.Id !== 'string') {
    return 'has an Id that is no text';
  }
  for (const statement of [value.Statement].flat()) {
    const problem = isObject(statement) ? statementProblem(statement, kind) : 'is no object';
    if (problem !== undefined) {
      return `has a statement that ${problem}`;
    }
  }
  return undefined;
}

function statementProblem(statement: Record<string, unknown>, kind: PolicyKind): string | undefined {
  const unknown = Object.keys(statement).find((member) => !MEMBERS.has(member));
  if (unknown !== undefined) {
    return `has a member ${unknown}, which is none of a statement's`;
  }
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') {
    return 'has no Effect of Allow or Deny';
  }
  const pair = PAIRS.find((names) => names.filter((name) => isTexts(statement[name])).length !== 1);
  if (pair !== undefined || PAIRS.flat().some((name) => name in statement && !isTexts(statement[name]))) {
    return `needs either ${pair?.join(' or ') ?? 'a text or texts'}, a text or a list of texts`;
  }
  return principalProblem(statement, kind) ?? conditionProblem(statement.Condition) ?? variableProblem(statement);
}

function principalProblem(statement: Record<string, unknown>, kind: PolicyKind): string | undefined {
  const given = (['Principal', 'NotPrincipal'] as const).filter((name) => statement[name] !== undefined);
  if (statement.NotPrincipal !== undefined && statement.Effect === 'Allow') {
    return 'allows by NotPrincipal, which would allow everybody else';
  }
  if (kind === 'identity') {
    return given.length === 0 ? undefined : 'names a principal, which only a resource policy does';
  }
  return given.length === 1 && given.every((name) => isPrincipal(statement[name]))
    ? undefined
    : 'needs either Principal or NotPrincipal, * or an object of texts';
}

function conditionProblem(condition: unknown): string | undefined {
  const isCondition = condition === undefined || (isObject(condition) && Object.values(condition).every(isBlock));
  return isCondition ? undefined : 'has a Condition that is no object of operators and keys';
}

/** Variables would be treated as plain text, which matches nothing. */
function variableProblem({ Resource, NotResource, Condition }: Record<string, unknown>): string | undefined {
  const usesVariables = JSON.stringify([Resource, NotResource, Condition]).includes('${');
  return usesVariables ? 'uses policy variables, which are not understood' : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTexts = (value: unknown): boolean => {
  const items = [value].flat();
  return items.length > 0 && items.every((item) => typeof item === 'string' && item !== '');
};

const PRINCIPALS = new Set(['AWS', 'Service', 'Federated', 'CanonicalUser']);

const isPrincipal = (value: unknown): boolean =>
  value === '*' ||
  (isObject(value) && Object.entries(value).every(([kind, names]) => PRINCIPALS.has(kind) && isTexts(names)));

const isBlock = (block: unknown): boolean =>
  isObject(block) &&
  Object.values(block).every((values) => [values].flat().every((v) => typeof v === 'string' || typeof v === 'boolean'));
