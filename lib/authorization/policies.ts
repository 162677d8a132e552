import type { PolicyDocument, Statement } from '../model/policy-document.ts';
import { conditionsHold, type RequestContext } from './conditions.ts';
import { matchesPattern } from './pattern.ts';

/** A request to be decided on. */
export interface AccessRequest {
  readonly principalArn: string;
  readonly accountId: string;
  /** Such as `kinesis:PutRecord`. */
  readonly action: string;
  /** An ARN, or `*` for the whole account. Undefined: the call names no resource. */
  readonly resource: string | undefined;
  /** The ARN of the stream that a consumer belongs to: a Deny for the stream denies the consumer too. */
  readonly within?: string | undefined;
  readonly context: RequestContext;
}

/** The policies of the resource, and of the stream that it belongs to. */
export interface ResourcePolicies {
  readonly own?: PolicyDocument | undefined;
  readonly within?: PolicyDocument | undefined;
}

/** The decision on a request, and the kind of policy that denied it. */
export type Decision =
  | 'allowed'
  | 'no policy allows it'
  | 'an identity policy denies it'
  | 'a resource policy denies it';

/**
 * Decides as IAM does within one account: a Deny anywhere wins. Otherwise an Allow in either kind of policy is enough.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decide(
  request: AccessRequest,
  identityPolicy: PolicyDocument,
  resourcePolicies: ResourcePolicies,
): Decision {
  const { own, within } = resourcePolicies;
  const identity = effects(identityPolicy, request, () => true);
  const resource = resourceEffects(own, request);
  // A stream's policy allows calls on the stream, not on its consumers.
  if (request.within !== undefined && resourceEffects(within, { ...request, resource: request.within }).has('Deny')) {
    resource.add('Deny');
  }
  if (identity.has('Deny')) {
    return 'an identity policy denies it';
  }
  if (resource.has('Deny')) {
    return 'a resource policy denies it';
  }
  return identity.has('Allow') || resource.has('Allow') ? 'allowed' : 'no policy allows it';
}

function resourceEffects(policy: PolicyDocument | undefined, request: AccessRequest): Set<Statement['Effect']> {
  return policy ? effects(policy, request, (statement) => isForPrincipal(statement, request)) : new Set();
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

/** A condition that is not supported never makes a statement allow, and never keeps it from denying. */
function applies({ Effect, Condition }: Statement, { context }: AccessRequest): boolean {
  return conditionsHold(Condition, context) ?? Effect === 'Deny';
}

function isAbout(statement: Statement, request: AccessRequest): boolean {
  const { Action, NotAction } = statement;
  const isAction = (patterns: Statement['Action']) =>
    list(patterns).some((pattern) => matchesPattern(pattern.toLowerCase(), request.action.toLowerCase()));
  return (NotAction === undefined ? isAction(Action) : !isAction(NotAction)) && isAboutResource(statement, request);
}

/**
 * For a consumer, an Allow with NotResource applies only if it excludes neither the consumer nor its stream. A Deny
 * for the stream denies the consumer. If the resource is unknown, only a statement for everything allows, and every
 * Deny denies.
 */
function isAboutResource({ Effect, Resource, NotResource }: Statement, { resource, within }: AccessRequest): boolean {
  if (resource === undefined) {
    return Effect === 'Deny' || (NotResource === undefined && list(Resource).includes('*'));
  }
  const isNamed = (patterns: Statement['Resource'], arn: string) =>
    list(patterns).some((pattern) => matchesPattern(pattern, arn));
  const partAndWhole = within === undefined ? [resource] : [resource, within];
  if (NotResource === undefined) {
    return (Effect === 'Deny' ? partAndWhole : [resource]).some((arn) => isNamed(Resource, arn));
  }
  return !(Effect === 'Deny' ? [resource] : partAndWhole).some((arn) => isNamed(NotResource, arn));
}

function isForPrincipal({ Effect, Principal, NotPrincipal }: Statement, request: AccessRequest): boolean {
  return NotPrincipal === undefined
    ? names(Principal, request, Effect === 'Deny')
    : !names(NotPrincipal, request, false);
}

/**
 * In a Deny, an account means everyone in it. In an Allow, an account only delegates to the account's own policies,
 * which may allow it in any case. An account in NotPrincipal exempts the account itself, not its users.
 */
function names(principal: Statement['Principal'], request: AccessRequest, isAccountNamed: boolean): boolean {
  if (principal === undefined || principal === '*') {
    return principal === '*';
  }
  const { principalArn, accountId } = request;
  const account = isAccountNamed ? [accountId, principalArn.replace(/:user\/.*$/, ':root')] : [];
  return list(principal.AWS).some((name) => ['*', principalArn, ...account].includes(name));
}

const list = (patterns: string | readonly string[] | undefined): readonly string[] => [patterns ?? []].flat();
