import type { PolicyDocument, Statement } from '../model/policy-document.ts';
import { conditionsHold, type RequestContext } from './conditions.ts';
import { matchesPattern } from './pattern.ts';

/** Somebody wants to do something. */
export interface AccessRequest {
  readonly principalArn: string;
  readonly accountId: string;
  /** `kinesis:PutRecord`. */
  readonly action: string;
  /** An ARN, or `*` for what belongs to no resource. Undefined: what it is about cannot be told. */
  readonly resource: string | undefined;
  /** The ARN of what the resource is part of: what is denied of that is denied of the resource. */
  readonly within?: string | undefined;
  readonly context: RequestContext;
}

/** The policies of what a request is about, and of what that is part of. */
export interface ResourcePolicies {
  readonly own?: PolicyDocument | undefined;
  readonly within?: PolicyDocument | undefined;
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
  resourcePolicies: ResourcePolicies,
): Decision {
  const { own, within } = resourcePolicies;
  const identity = effects(identityPolicy, request, () => true);
  const resource = resourceEffects(own, request);
  // A stream's own policy allows what concerns the stream, not what concerns its consumers.
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

/** Conditions that are not understood allow nothing, and keep nothing from being denied. */
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
 * Nothing is allowed of a part by what leaves out the whole, and all is denied of it that is denied of the whole. What cannot be told
 * is allowed only to whom everything is, and denied to whom anything is.
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
 * An account stands for everyone in it where something is denied. To allow it something only lets the account's own policies
 * allow it, which they may in any case. An account that is left out of a denial leaves out itself, not its users.
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
