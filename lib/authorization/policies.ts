import { conditionsHold, type RequestContext } from './conditions.ts';
import { matchesPattern } from './pattern.ts';
import type { PolicyDocument, Statement } from './policy-document.ts';

/** Somebody wants to do something. */
export interface AccessRequest {
  readonly principalArn: string;
  readonly accountId: string;
  /** `kinesis:PutRecord`. */
  readonly action: string;
  /** An ARN, or `*` for what belongs to no resource. */
  readonly resource: string;
  readonly context: RequestContext;
}

/** What policies say of a request, and which kind of policy it was that refused it. */
export type Decision =
  | 'allowed'
  | 'no policy allows it'
  | 'an identity policy denies it'
  | 'a resource policy denies it';

/**
 * Decides as IAM does within one account: a Deny anywhere wins; else an Allow in either kind of policy is enough.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(
  request: AccessRequest,
  identityPolicy: PolicyDocument,
  resourcePolicy: PolicyDocument | undefined,
): Decision {
  const identity = effects(identityPolicy, request, () => true);
  const resource = resourcePolicy
    ? effects(resourcePolicy, request, (statement) => isForPrincipal(statement, request))
    : new Set();
  if (identity.has('Deny')) {
    return 'an identity policy denies it';
  }
  if (resource.has('Deny')) {
    return 'a resource policy denies it';
  }
  return identity.has('Allow') || resource.has('Allow') ? 'allowed' : 'no policy allows it';
}

function effects(
  { Statement: statements }: PolicyDocument,
  request: AccessRequest,
  concerns: (statement: Statement) => boolean,
): Set<Statement['Effect']> {
  const found = new Set<Statement['Effect']>();
  for (const statement of [statements].flat() as Statement[]) {
    if (concerns(statement) && isAbout(statement, request) && applies(statement, request)) {
      found.add(statement.Effect);
    }
  }
  return found;
}

/** Conditions that are not understood allow nothing, and keep nothing from being denied. */
function applies({ Effect, Condition }: Statement, { context }: AccessRequest): boolean {
  return conditionsHold(Condition, context) ?? Effect === 'Deny';
}

function isAbout(statement: Statement, { action, resource }: AccessRequest): boolean {
  const { Action, NotAction, Resource, NotResource } = statement;
  const isAction = (patterns: Statement['Action']) =>
    list(patterns).some((pattern) => matchesPattern(pattern.toLowerCase(), action.toLowerCase()));
  const isResource = (patterns: Statement['Resource']) =>
    list(patterns).some((pattern) => matchesPattern(pattern, resource));
  return (
    (NotAction === undefined ? isAction(Action) : !isAction(NotAction)) &&
    (NotResource === undefined ? isResource(Resource) : !isResource(NotResource))
  );
}

function isForPrincipal({ Effect, Principal, NotPrincipal }: Statement, request: AccessRequest): boolean {
  return NotPrincipal === undefined ? names(Principal, Effect, request) : !names(NotPrincipal, Effect, request);
}

/**
 * An account stands for everyone in it where something is denied. To allow it something only lets the account's own policies
 * allow it, which they may in any case.
 */
function names(principal: Statement['Principal'], effect: Statement['Effect'], request: AccessRequest): boolean {
  if (principal === undefined || principal === '*') {
    return principal === '*';
  }
  const { principalArn, accountId } = request;
  const account = effect === 'Deny' ? [accountId, principalArn.replace(/:user\/.*$/, ':root')] : [];
  return list(principal.AWS).some((name) => ['*', principalArn, ...account].includes(name));
}

const list = (patterns: string | readonly string[] | undefined): readonly string[] => [patterns ?? []].flat();
