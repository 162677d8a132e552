import { authenticate } from '../authentication/authenticate.ts';
import type { Credential } from '../authentication/credentials.ts';
import type { Deps } from '../deps.ts';
import { KinesisFault } from '../faults.ts';
import { type PolicyDocument, policyProblem } from '../model/policy-document.ts';
import { rootArn, userArn } from '../model/stream.ts';
import type { PresentedSignature } from '../protocol/authorization.ts';
import type { WireRequest } from '../protocol/wire-message.ts';
import type { AccessedResource, FindAccessedResource } from '../resources/accessed-resource.ts';
import { getConsumer } from '../store/consumer-item.ts';
import type { RequestContext } from './conditions.ts';
import { type Decision, decide, type ResourcePolicies } from './policies.ts';

/** The caller of a request, and the values that conditions of policies use. */
export interface Principal {
  readonly accessKeyId: string;
  readonly arn: string;
  readonly policy: PolicyDocument;
  readonly context: RequestContext;
}

/**
 * Finds the caller that signed a request.
 * @returns undefined without access keys: everybody may do everything
 * @throws KinesisFault UnrecognizedClientException, ExpiredTokenException, InvalidSignatureException
 */
export async function principalOf(
  request: WireRequest,
  presented: PresentedSignature,
  deps: Deps,
): Promise<Principal | undefined> {
  if (deps.credentials === undefined) {
    return undefined;
  }
  const nowMs = deps.now();
  const { signatureWindowMs } = deps.limits;
  const terms = { region: deps.account.region, hostNames: deps.hostNames, signatureWindowMs };
  const credential = await authenticate(request, presented, deps.credentials, terms, deps.signatureNow());
  const { name, policy } = credential;
  const arn = arnOf(credential, deps);
  return {
    accessKeyId: presented.accessKeyId,
    arn,
    policy,
    context: {
      'aws:SourceIp': request.sourceIp,
      'aws:SecureTransport': String(request.headers['x-forwarded-proto'] === 'https'),
      'aws:PrincipalArn': arn,
      'aws:PrincipalAccount': deps.account.accountId,
      'aws:username': name,
      'aws:CurrentTime': new Date(nowMs).toISOString(),
      'aws:RequestedRegion': deps.account.region,
      'aws:UserAgent': request.headers['user-agent'] ?? '',
    },
  };
}

const arnOf = ({ name, root }: Credential, { account }: Deps): string =>
  root ? rootArn(account) : userArn(account, name);

/** A resource policy cannot deny these to the root user. Else nobody could repair a policy that denies everyone. */
const ROOT_OPERATIONS: ReadonlySet<string> = new Set([
  'DeleteResourcePolicy',
  'GetResourcePolicy',
  'PutResourcePolicy',
]);

/** The parts of an operation that authorization uses. */
export interface GuardedOperation {
  /** The action's name in the API. */
  readonly name: string;
  readonly accesses: FindAccessedResource<never>;
}

/**
 * Checks that the principal's policy, or the policy of the resource, allows a call. This comes before any check that
 * the resource exists: a caller that is denied learns nothing about a stream.
 * @throws KinesisFault AccessDeniedException
 */
export async function authorize(
  principal: Principal | undefined,
  operation: GuardedOperation,
  input: object,
  deps: Deps,
): Promise<void> {
  if (principal === undefined) {
    return;
  }
  const subject = await operation.accesses(input as never, deps);
  const action = `kinesis:${operation.name}`;
  const { accountId } = deps.account;
  const { resource, within } = subject ?? {};
  const request = { principalArn: principal.arn, accountId, action, resource, within, context: principal.context };
  const own = decide(request, principal.policy, {});
  const isAboveOthers = principal.arn === rootArn(deps.account) && ROOT_OPERATIONS.has(operation.name);
  // If the caller's own policy denies the call, no other policy is read.
  const decision =
    own === 'an identity policy denies it' || isAboveOthers
      ? own
      : decide(request, principal.policy, await resourcePolicies(subject, deps));
  if (decision !== 'allowed') {
    throw new KinesisFault(
      'AccessDeniedException',
      `User: ${principal.arn} is not authorized to perform: ${action} on resource: ${resource ?? '*'} ` +
        `${REASONS[decision](action)}`,
    );
  }
}

/**
 * The same during a streaming response: with the key, the policies and the time as they are then.
 * @throws KinesisFault AccessDeniedException
 */
export async function authorizeAgain(
  principal: Principal | undefined,
  operation: GuardedOperation,
  input: object,
  deps: Deps,
): Promise<void> {
  if (principal === undefined) {
    return;
  }
  const nowMs = deps.now();
  const credential = await deps.credentials?.find(principal.accessKeyId);
  const isGone = credential === undefined || (credential.expiresMs ?? Number.POSITIVE_INFINITY) <= nowMs;
  if (isGone || arnOf(credential, deps) !== principal.arn) {
    throw new KinesisFault('AccessDeniedException', `User: ${principal.arn} has no valid access key any more.`);
  }
  const context = { ...principal.context, 'aws:CurrentTime': new Date(nowMs).toISOString() };
  await authorize({ ...principal, policy: credential.policy, context }, operation, input, deps);
}

const REASONS: Readonly<Record<Exclude<Decision, 'allowed'>, (action: string) => string>> = {
  'no policy allows it': (action) => `because no identity-based policy allows the ${action} action`,
  'an identity policy denies it': () => 'with an explicit deny in an identity-based policy',
  'a resource policy denies it': () => 'with an explicit deny in a resource-based policy',
};

/** The policy of a stream, cached for a few seconds, and the current policy of its consumer. */
async function resourcePolicies(subject: AccessedResource | undefined, deps: Deps): Promise<ResourcePolicies> {
  const [, streamName, consumerName] = /:stream\/([^/]+)(?:\/consumer\/([^:]+))?/.exec(subject?.resource ?? '') ?? [];
  const found = streamName === undefined ? undefined : await deps.catalog.withPolicy(streamName);
  if (found === undefined || consumerName === undefined) {
    return { own: parseStoredPolicy(found?.policy) };
  }
  const consumer = subject?.consumer ?? (await getConsumer(deps.tables, found.stream.id, consumerName));
  return { own: parseStoredPolicy(consumer?.policy), within: parseStoredPolicy(found.policy) };
}

function parseStoredPolicy(policy: string | null | undefined): PolicyDocument | undefined {
  if (!policy) {
    return undefined;
  }
  const document: unknown = JSON.parse(policy);
  if (policyProblem(document, 'resource') !== undefined) {
    // It is unknown what the policy denies, so nobody is allowed.
    throw new Error('a stored resource policy is none that is understood');
  }
  return document as PolicyDocument;
}
