import { setTimeout as sleep } from 'node:timers/promises';
import type { Intervene } from '../functions/dispatcher.ts';
import { internalFailure, rateExceededForAccount, throughputExceededForAccount } from '../lib/faults.ts';
import { operations } from '../lib/operations/index.ts';
import { durationMs } from '../local/duration.ts';
import type { FaultKind, FaultRule, Faults, ScriptStep } from './fault-rules.ts';
import { type Random, seededRandom } from './random.ts';

type Call = Parameters<Intervene>[0];
type Handle = Parameters<Intervene>[1];
type Settings = Pick<FaultRule, 'delay' | 'share'>;

interface Active {
  readonly matches: (call: Call) => Promise<boolean>;
  /** @returns what happens to a call that matches; undefined: nothing, by this rule */
  readonly draw: () => FaultKind | undefined;
  readonly settings: Settings;
  readonly random: Random;
}

/** The faults of one server. */
export class InjectedFaults implements Faults {
  readonly #seed: number;
  readonly #accountId: string;
  #active: Active[] = [];
  #added = 0;

  /** @param accountId the account that sentences name */
  constructor(seed: number, accountId: string) {
    this.#seed = seed;
    this.#accountId = accountId;
  }

  add(rule: FaultRule): void {
    requireRule(rule);
    const { chance = 1, times = Number.POSITIVE_INFINITY } = rule;
    let left = times;
    const random = this.#newRandom();
    const draw = () => {
      if (left <= 0 || random() >= chance) {
        return undefined;
      }
      left -= 1;
      return rule.fault;
    };
    this.#active.push({ matches: matcher(rule), draw, settings: rule, random });
  }

  script(steps: readonly ScriptStep[], matching: Omit<FaultRule, 'fault' | 'chance' | 'times'> = {}): void {
    for (const fault of steps) {
      if (fault !== 'ok') {
        requireRule({ ...matching, fault });
      }
    }
    const left = [...steps];
    const draw = () => {
      const step = left.shift();
      return step === 'ok' ? undefined : step;
    };
    this.#active.push({ matches: matcher(matching), draw, settings: matching, random: this.#newRandom() });
  }

  clear(): void {
    this.#active = [];
    this.#added = 0;
  }

  readonly intervene: Intervene = async (call, handle) => {
    for (const { matches, draw, settings, random } of this.#active) {
      const fault = (await matches(call)) ? draw() : undefined;
      if (fault !== undefined) {
        return this.#inject(fault, { settings, random }, call, handle);
      }
    }
    return handle(call.input);
  };

  async #inject(
    fault: FaultKind,
    { settings, random }: Pick<Active, 'settings' | 'random'>,
    { operation, input }: Call,
    handle: Handle,
  ): Promise<object | undefined> {
    switch (fault) {
      case 'throttle':
        throw operation.faults.includes('ProvisionedThroughputExceededException')
          ? throughputExceededForAccount(this.#accountId)
          : rateExceededForAccount(this.#accountId);
      case 'error':
        throw internalFailure();
      case 'lost-response':
        await handle(input);
        throw internalFailure();
      case 'delay':
        await sleep(durationMs(settings.delay ?? '100ms'));
        return handle(input);
      case 'partial':
        return operation.name === 'PutRecords'
          ? partially(input as PutRecordsInput, settings.share ?? 0.5, random, handle)
          : handle(input);
    }
  }

  /** Each rule draws from numbers of its own: calls that other rules match change nothing. */
  #newRandom(): Random {
    this.#added += 1;
    return seededRandom(this.#seed + this.#added * 7_919);
  }
}

interface PutRecordsInput {
  readonly Records: readonly object[];
}

interface PutRecordsOutput {
  readonly FailedRecordCount: number;
  readonly Records: readonly object[];
}

const REFUSED = {
  ErrorCode: 'ProvisionedThroughputExceededException',
  ErrorMessage: 'Rate exceeded for the shard of this record.',
};

/** Puts the records that are not refused, and answers in the order of the request. */
async function partially(
  input: PutRecordsInput,
  share: number,
  random: Random,
  handle: Handle,
): Promise<PutRecordsOutput> {
  const isRefused = input.Records.map(() => random() < share);
  const taken = input.Records.filter((_, index) => !isRefused[index]);
  const output = taken.length === 0 ? undefined : await handle({ ...input, Records: taken });
  const { FailedRecordCount, Records, ...rest } = (output ?? { FailedRecordCount: 0, Records: [] }) as PutRecordsOutput;
  const stored = Records[Symbol.iterator]();
  return {
    ...rest,
    FailedRecordCount: FailedRecordCount + isRefused.filter(Boolean).length,
    Records: isRefused.map((refused) => (refused ? REFUSED : (stored.next().value ?? REFUSED))),
  };
}

function matcher({ operation, stream }: Pick<FaultRule, 'operation' | 'stream'>): (call: Call) => Promise<boolean> {
  const names = operation === undefined ? undefined : [operation].flat();
  return async (call) =>
    (names === undefined || names.includes(call.operation.name)) &&
    (stream === undefined || (await call.streamName()) === stream);
}

const KINDS: readonly string[] = ['throttle', 'error', 'lost-response', 'delay', 'partial'] satisfies FaultKind[];

function requireRule({ fault, operation, chance = 1, share = 0, times = 0, delay = 0 }: FaultRule): void {
  const unknown = [operation ?? []].flat().find((name) => !operations.has(name));
  if (!KINDS.includes(fault)) {
    throw new Error(`'${fault}' is no fault: there are ${KINDS.join(', ')}`);
  }
  if (unknown !== undefined) {
    throw new Error(`'${unknown}' is no operation of Kinesis`);
  }
  if (!(chance >= 0 && chance <= 1 && share >= 0 && share <= 1 && times >= 0)) {
    throw new Error('chance and share are numbers from 0 to 1, times is a number from 0 on');
  }
  durationMs(delay);
}
