import { BlockList, isIP } from 'node:net';
import { matchesPattern } from './pattern.ts';
import type { Statement } from './policy-document.ts';

/** What conditions may ask about a request: `aws:SourceIp`, `aws:SecureTransport`, `aws:PrincipalArn`, … */
export type RequestContext = Readonly<Record<string, string>>;

type Operator = (actual: string, expected: string) => boolean;

const equal: Operator = (actual, expected) => actual === expected;
const before: Operator = (actual, expected) => Date.parse(actual) < Date.parse(expected);
const after: Operator = (actual, expected) => Date.parse(actual) > Date.parse(expected);

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ['StringEquals', equal],
  ['StringEqualsIgnoreCase', (actual, expected) => actual.toLowerCase() === expected.toLowerCase()],
  ['StringLike', (actual, expected) => matchesPattern(expected, actual)],
  ['ArnEquals', (actual, expected) => matchesPattern(expected, actual)],
  ['ArnLike', (actual, expected) => matchesPattern(expected, actual)],
  ['Bool', (actual, expected) => actual.toLowerCase() === expected.toLowerCase()],
  ['IpAddress', isInRange],
  ['DateLessThan', before],
  ['DateGreaterThan', after],
]);

/** The negated forms: no value may match. */
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
 * @returns undefined when an operator is not understood: whoever asks decides what is safe
 */
export function conditionsHold(condition: Statement['Condition'], context: RequestContext): boolean | undefined {
  let holds = true;
  for (const [operator, block] of Object.entries(condition ?? {})) {
    for (const [key, expected] of Object.entries(block)) {
      const result = conditionHolds(operator, contextValue(context, key), [expected].flat().map(String));
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
  if (actual === undefined) {
    return ifExists || negated !== undefined;
  }
  const matches = expected.some((value) => operator(actual, value));
  return negated === undefined ? matches : !matches;
}

/** Keys are told apart without regard to case. */
function contextValue(context: RequestContext, key: string): string | undefined {
  return Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
}

function isInRange(address: string, range: string): boolean {
  const [network = '', prefix] = range.split('/');
  const versions = [isIP(address), isIP(network)];
  if (versions[0] === 0 || versions[0] !== versions[1]) {
    return false;
  }
  const family = versions[0] === 4 ? 'ipv4' : 'ipv6';
  const bits = Number(prefix ?? (family === 'ipv4' ? 32 : 128));
  if (!Number.isInteger(bits) || bits < 0 || bits > (family === 'ipv4' ? 32 : 128)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(address, family);
}
