import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conditionsHold } from '../../lib/authorization/conditions.ts';
import { matchesPattern } from '../../lib/authorization/pattern.ts';
import { type AccessRequest, decide } from '../../lib/authorization/policies.ts';
import { type PolicyDocument, policyProblem, type Statement } from '../../lib/model/policy-document.ts';

const STREAM = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
const USER = 'arn:aws:iam::000000000000:user/ann';

const request = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  principalArn: USER,
  accountId: '000000000000',
  action: 'kinesis:PutRecord',
  resource: STREAM,
  context: { 'aws:SourceIp': '10.1.2.3', 'aws:SecureTransport': 'true' },
  ...changes,
});

const policy = (...statements: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement: statements });
const allow = (rest: Partial<Statement> = {}): Statement => ({
  Effect: 'Allow',
  Action: 'kinesis:*',
  Resource: '*',
  ...rest,
});
const deny = (rest: Partial<Statement> = {}): Statement => ({ ...allow(rest), Effect: 'Deny' });
const NOTHING = policy();

describe('policies', () => {
  it.each([
    ['nothing', NOTHING, 'no policy allows it'],
    ['everything', policy(allow()), 'allowed'],
    ['the action, in any case', policy(allow({ Action: 'Kinesis:putrecord' })), 'allowed'],
    ['actions by a pattern', policy(allow({ Action: ['kinesis:Get*', 'kinesis:Put*'] })), 'allowed'],
    ['other actions', policy(allow({ Action: 'kinesis:Get*' })), 'no policy allows it'],
    ['all but other actions', policy({ Effect: 'Allow', NotAction: 'kinesis:Delete*', Resource: '*' }), 'allowed'],
    [
      'all but this action',
      policy({ Effect: 'Allow', NotAction: 'kinesis:Put*', Resource: '*' }),
      'no policy allows it',
    ],
    ['the stream', policy(allow({ Resource: STREAM })), 'allowed'],
    ['streams by a pattern', policy(allow({ Resource: 'arn:aws:kinesis:*:*:stream/ord?rs' })), 'allowed'],
    ['another stream', policy(allow({ Resource: `${STREAM}2` })), 'no policy allows it'],
    ['a pattern in another case', policy(allow({ Resource: STREAM.toUpperCase() })), 'no policy allows it'],
    ['all but the stream', policy({ Effect: 'Allow', Action: '*', NotResource: STREAM }), 'no policy allows it'],
    [
      'everything but what is denied',
      policy(allow(), deny({ Action: 'kinesis:PutRecord' })),
      'an identity policy denies it',
    ],
    ['everything, denying something else', policy(allow(), deny({ Action: 'kinesis:PutRecords' })), 'allowed'],
    [
      'it under a condition that holds',
      policy(allow({ Condition: { IpAddress: { 'aws:sourceip': '10.0.0.0/8' } } })),
      'allowed',
    ],
    [
      'it under a condition that does not hold',
      policy(allow({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } })),
      'no policy allows it',
    ],
    [
      'it under a condition that is not understood',
      policy(allow({ Condition: { Odd: { a: 'b' } } })),
      'no policy allows it',
    ],
    [
      'it, denying under a condition that is not understood',
      policy(allow(), deny({ Condition: { Odd: { a: 'b' } } })),
      'an identity policy denies it',
    ],
  ] as [string, PolicyDocument, string][])('that allow %s', (_what, identity, decision) => {
    expect(decide(request(), identity, {})).toBe(decision);
  });

  it.each([
    [
      'the account, which leaves it to policies of keys',
      allow({ Principal: { AWS: '000000000000' } }),
      'no policy allows it',
    ],
    ['the user', allow({ Principal: { AWS: USER } }), 'allowed'],
    ['everyone', allow({ Principal: '*' }), 'allowed'],
    ['another user', allow({ Principal: { AWS: `${USER}a` } }), 'no policy allows it'],
    ['a service', allow({ Principal: { Service: 'lambda.amazonaws.com' } }), 'no policy allows it'],
    ['nobody', allow(), 'no policy allows it'],
    ['all but another user', allow({ NotPrincipal: { AWS: `${USER}a` } }), 'allowed'],
  ] as [string, Statement, string][])('of a resource that allow %s', (_what, statement, decision) => {
    expect(decide(request(), NOTHING, { own: policy(statement) })).toBe(decision);
  });

  it.each(['000000000000', 'arn:aws:iam::000000000000:root', USER, '*'])('of a resource may deny %s', (AWS) => {
    expect(decide(request(), policy(allow()), { own: policy(deny({ Principal: { AWS } })) })).toBe(
      'a resource policy denies it',
    );
  });

  it.each([
    { AWS: [USER, 'arn:aws:iam::000000000000:root'], decision: 'allowed' },
    {
      AWS: ['arn:aws:iam::000000000000:user/other', 'arn:aws:iam::000000000000:root'],
      decision: 'a resource policy denies it',
    },
    { AWS: ['000000000000'], decision: 'a resource policy denies it' },
  ])('of a resource that denies everybody but $AWS leave out users by their own names only', ({ AWS, decision }) => {
    expect(decide(request(), policy(allow()), { own: policy(deny({ NotPrincipal: { AWS } })) })).toBe(decision);
  });

  it('of a resource may deny what an identity policy allows', () => {
    expect(decide(request(), policy(allow()), { own: policy(deny({ Principal: '*' })) })).toBe(
      'a resource policy denies it',
    );
  });

  it('that deny everything win over whatever else they say', () => {
    const statement = fc.record({
      Effect: fc.constantFrom('Allow' as const, 'Deny' as const),
      Action: fc.constantFrom('*', 'kinesis:*', 'kinesis:PutRecord'),
      Resource: fc.constantFrom('*', STREAM),
    });
    fc.assert(
      fc.property(fc.array(statement), fc.nat(), (statements, at) => {
        const denied = statements.toSpliced(at % (statements.length + 1), 0, deny({ Action: '*' }) as never);
        expect(decide(request(), policy(...denied), {})).toBe('an identity policy denies it');
      }),
    );
  });
});

describe('conditions', () => {
  const context = {
    'aws:SourceIp': '2001:db8::7',
    'aws:username': 'Ann',
    'aws:CurrentTime': '2030-01-01T00:00:00.000Z',
  };

  it.each([
    [{ StringEquals: { 'aws:username': ['Bob', 'Ann'] } }, true],
    [{ StringEquals: { 'aws:username': 'ann' } }, false],
    [{ StringEqualsIgnoreCase: { 'aws:username': 'ann' } }, true],
    [{ StringNotEquals: { 'aws:username': ['Bob', 'Ann'] } }, false],
    [{ StringNotEquals: { 'aws:userAgent': 'Bob' } }, true],
    [{ StringLike: { 'aws:username': 'A*' } }, true],
    [{ StringLikeIfExists: { 'aws:userAgent': 'A*' } }, true],
    [{ StringLike: { 'aws:userAgent': '*' } }, false],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::/32' } }, true],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, false],
    [{ IpAddress: { 'aws:SourceIp': '2001:db8::/300' } }, undefined],
    [{ IpAddress: { 'aws:SourceIp': '10.0.0.0/' } }, undefined],
    [{ NotIpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }, undefined],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2020-13-45' } }, undefined],
    [{ DateGreaterThan: { 'aws:CurrentTime': '1577836800' } }, true],
    [{ StringEquals: { 'aws:ResourceTag/env': 'prod' } }, undefined],
    [{ NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '2001:db8::7'] } }, false],
    [{ DateGreaterThan: { 'aws:CurrentTime': '2029-12-31T00:00:00Z' } }, true],
    [{ DateLessThan: { 'aws:CurrentTime': '2029-12-31T00:00:00Z' } }, false],
    [{ StringEquals: { 'aws:username': 'Ann' }, IpAddress: { 'aws:SourceIp': '10.0.0.1' } }, false],
    [{ NumericEquals: { a: '1' } }, undefined],
    [undefined, true],
  ] as [Statement['Condition'], boolean | undefined][])('%o', (condition, holds) => {
    expect(conditionsHold(condition, context)).toBe(holds);
  });
});

describe('a condition on a very long value', () => {
  it('is not understood: it allows nothing, and keeps nothing from being denied', () => {
    const condition = { StringLike: { 'aws:UserAgent': '*' } };

    expect(conditionsHold(condition, { 'aws:UserAgent': 'a'.repeat(2_048) })).toBe(true);
    expect(conditionsHold(condition, { 'aws:UserAgent': 'a'.repeat(2_049) })).toBeUndefined();
  });
});

describe('a pattern', () => {
  it('matches as a regular expression of the same meaning does', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
    fc.assert(
      fc.property(short, text, (pattern, value) => {
        const expression = pattern.replace(/[.]/g, '\\.').replace(/\*+/g, '.*').replace(/\?/g, '.');
        expect(matchesPattern(pattern, value)).toBe(new RegExp(`^${expression}$`).test(value));
      }),
      { numRuns: 2_000 },
    );
  });

  it('longer than one word of states matches as short ones do', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 20, maxLength: 120 });
    const wild = fc.array(fc.nat(119), { maxLength: 8 });
    fc.assert(
      fc.property(name, wild, fc.nat(119), (text, places, changed) => {
        const pattern = text
          .split('')
          .map((sign, i) => (places.includes(i) ? '?' : sign))
          .join('');
        const at = changed % text.length;
        const other = `${text.slice(0, at)}c${text.slice(at + 1)}`;
        expect(matchesPattern(`*${pattern}*`, `x${text}y`)).toBe(true);
        expect(matchesPattern(`*${pattern}`, `xx${other}`)).toBe(pattern[at] === '?');
      }),
    );
  });

  it('comes to an end where a match by trial would not', () => {
    expect(matchesPattern(`${'*a'.repeat(200)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});

describe('a policy document', () => {
  const whole = { Effect: 'Allow', Action: 'kinesis:*', Resource: '*' };

  it.each([
    [null, 'must be a policy document with a Statement'],
    [{ Statement: [1] }, 'has a statement that is no object'],
    [{ Statement: [{ ...whole, Effect: 'allow' }] }, 'has a statement that has no Effect of Allow or Deny'],
    [
      { Statement: { ...whole, Conditions: {} } },
      "has a statement that has a member Conditions, which is none of a statement's",
    ],
    [
      { Statement: { Effect: 'Deny', Action: '*' } },
      'has a statement that needs either Resource or NotResource, a text or a list of texts',
    ],
    [
      { Statement: { ...whole, NotAction: 'kinesis:Put*' } },
      'has a statement that needs either Action or NotAction, a text or a list of texts',
    ],
    [
      { Statement: { ...whole, Action: [] } },
      'has a statement that needs either Action or NotAction, a text or a list of texts',
    ],
    [
      { Statement: { ...whole, Condition: { Bool: 'x' } } },
      'has a statement that has a Condition that is no object of operators and keys',
    ],
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
      { Statement: { ...whole, Resource: 'arn:aws:kinesis:*:*:stream/${aws:username}' } },
      'has a statement that uses policy variables, which are not understood',
    ],
    [
      { Statement: { ...whole, Principal: '*' } },
      'has a statement that names a principal, which only a resource policy does',
    ],
    [{ Statement: [], Versoin: '2012-10-17' }, "has a member Versoin, which is none of a policy's"],
    [{ Statement: [], Version: '2015-01-01' }, 'has a Version that is neither 2012-10-17 nor 2008-10-17'],
    [{ Statement: [], Id: 5 }, 'has an Id that is no text'],
    [{ Statement: [], Version: '2008-10-17', Id: 'a' }, undefined],
    [{ Statement: [] }, undefined],
    [{ Statement: [whole] }, undefined],
  ])('of a key: %j: %s', (document, problem) => {
    expect(policyProblem(document, 'identity')).toBe(problem);
  });

  it.each([
    [whole, 'has a statement that needs either Principal or NotPrincipal, * or an object of texts'],
    [
      { ...whole, Principal: 'ann' },
      'has a statement that needs either Principal or NotPrincipal, * or an object of texts',
    ],
    [
      { ...whole, Principal: { Aws: '*' } },
      'has a statement that needs either Principal or NotPrincipal, * or an object of texts',
    ],
    [
      { ...whole, Effect: 'Allow', NotPrincipal: '*' },
      'has a statement that allows by NotPrincipal, which would allow everybody else',
    ],
    [{ ...whole, Principal: { AWS: ['*'] }, Condition: { Bool: { a: true } } }, undefined],
  ])('of a resource: %j: %s', (statement, problem) => {
    expect(policyProblem({ Statement: statement }, 'resource')).toBe(problem);
  });
});
