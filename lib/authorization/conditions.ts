import { BlockList, isIP } from 'node:net';
import type { Statement } from '../model/policy-document.ts';
import { matchesPattern } from './pattern.ts';

/** The values of condition keys for a request: `aws:SourceIp`, `aws:SecureTransport`, `aws:PrincipalArn`, … */
export type RequestContext = Readonly<Record<string, string>>;

/** @returns undefined if the expected value is not supported */
type Operator = (actual: string, expected: string) => boolean | undefined;

/** The supported condition keys. Any other key would only seem to be absent from the request. */
const KEYS = new Set(
  [
    ...['SourceIp', 'SecureTransport', 'PrincipalArn', 'PrincipalAccount', 'username', 'CurrentTime'],
    ...['RequestedRegion', 'UserAgent'],
  ].map((name) => `aws:${name}`.toLowerCase()),
);

/** The longest supported value of a key, in characters. Only a client's user agent can be longer. */
const MAX_VALUE_LENGTH = 2048;

const equal: Operator = (actual, expected) => actual === expected;

/** Compares times. The expected time is ISO 8601 or epoch seconds. */
function compareTimes(actual: string, expected: string): number | undefined {
  const difference = Date.parse(actual) - (/^\d+$/.test(expected) ? Number(expected) * 1000 : Date.parse(expected));
  return Number.isNaN(difference) ? undefined : difference;
}

function dated(holds: (difference: number) => boolean): Operator {
  return (actual, expected) => {
    const difference = compareTimes(actual, expected);
    return difference === undefined ? undefined : holds(difference);
  };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', equal],
  ['StringEqualsIgnoreCase', (actual, expected) => actual.toLowerCase() === expected.toLowerCase()],
  ['StringLike', (actual, expected) => matchesPattern(expected, actual)],
  ['ArnEquals', (actual, expected) => matchesPattern(expected, actual)],
  ['ArnLike', (actual, expected) => matchesPattern(expected, actual)],
  ['Bool', (actual, expected) => actual.toLowerCase() === expected.toLowerCase()],
  ['IpAddress', isInRange],
  ['DateLessThan', dated((difference) => difference < 0)],
  ['DateLessThanEquals', dated((difference) => difference <= 0)],
  ['DateGreaterThan', dated((difference) => difference > 0)],
  ['DateGreaterThanEquals', dated((difference) => difference >= 0)],
]);

/** The negated operators: no value may match. */
const NEGATED: ReadonlyMap<string, string> = new Map([
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
  ['NotIpAddress', 'IpAddress'],
]);

/**
 * Whether a statement's conditions hold: all of them.
 * @returns undefined if an operator, a key or a value is not supported: the caller decides what is safe
 */
export function conditionsHold(condition: Statement['Condition'], context: RequestContext): boolean | undefined {
  let holds = true;
  for (const [operator, block] of Object.entries(condition ?? {})) {
    for (const [key, expected] of Object.entries(block)) {
      const result = KEYS.has(key.toLowerCase())
        ? conditionHolds(operator, contextValue(context, key), [expected].flat().map(String))
        : undefined;
      if (result === undefined) {
        return undefined;
      }
      holds &&= result;
    }
  }
  return holds;
}

function conditionHolds(name: string, actual: string | undefined, expected: readonly string[]): boolean | undefined {
  const ifExists = name.endsWith('IfExists');
  const operatorName = ifExists ? name.slice(0, -'IfExists'.length) : name;
  const negated = NEGATED.get(operatorName);
  const operator = OPERATORS.get(negated ?? operatorName);
  if (operator === undefined) {
    return undefined;
  }
  if (actual !== undefined && actual.length > MAX_VALUE_LENGTH) {
    return undefined;
  }
  if (actual === undefined) {
    return ifExists || negated !== undefined;
  }
  const results = expected.map((value) => operator(actual, value));
  if (results.includes(undefined)) {
    return undefined;
  }
  return results.includes(true) === (negated === undefined);
}

/** Keys are compared without case. */
function contextValue(context: RequestContext, key: string): string | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

/** @returns undefined for an invalid range */
function isInRange(address: string, range: string): boolean | undefined {
  const [, network = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const version = isIP(network);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  const longest = version === 4 ? 32 : 128;
  const bits = Number(prefix ?? longest);
  if (version === 0 || bits > longest) {
    return undefined;
  }
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return isIP(address) === version && list.check(address, family);
}
