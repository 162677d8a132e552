import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as sdk from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { faults } from '../../lib/faults.ts';
import { operations } from '../../lib/operations/index.ts';
import type { Operation } from '../../lib/operations/operation.ts';
import { describeOperations } from '../../lib/schema/describe.ts';
import type { StructureSchema } from '../../lib/schema/structure.ts';

const root = path.join(import.meta.dirname, '..', '..');

const kebab = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

const OPERATIONS = path.join(root, 'lib', 'operations');
const TESTS = path.join(root, 'test', 'operations');

const folders = readdirSync(OPERATIONS, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** The files of each noun's folder. */
const filesOf = new Map(folders.map(({ name }) => [name, readdirSync(path.join(OPERATIONS, name))]));

const nounOf = (action: string) =>
  [...filesOf].filter(([, files]) => files.includes(`${kebab(action)}.ts`)).map(([noun]) => noun);

/** The titles of the groups of tests in the folder of a noun. */
const titlesOf = (noun: string) =>
  readdirSync(path.join(TESTS, noun)).flatMap((file) =>
    [...readFileSync(path.join(TESTS, noun, file), 'utf8').matchAll(/^describe(?:\.each\(.*\))?\('(.*)',/gm)].map(
      ([, title]) => title as string,
    ),
  );

const isDeclaration = (value: unknown): value is Operation =>
  typeof value === 'object' && value !== null && 'handle' in value && 'accesses' in value;

describe('the table of operations', () => {
  it.each([...operations])('has %s in a file of its name, in the folder of one noun', (name, operation) => {
    expect(operation.name).toBe(name);
    expect(nounOf(name)).toHaveLength(1);
  });

  it('has every operation that a file of a noun declares', async () => {
    const modules = await Promise.all(
      [...filesOf].flatMap(([noun, files]) => files.map((file) => import(path.join(OPERATIONS, noun, file)))),
    );
    const declared = modules.flatMap((module) => Object.values(module).filter(isDeclaration));

    expect(declared.map(({ name }) => name).sort()).toEqual([...operations.keys()].sort());
  });

  it.each([...operations.keys()])('has tests of %s in the folder of the same noun', (action) => {
    const titles = nounOf(action).flatMap(titlesOf);

    expect(titles.filter((title) => title.split(/\W+/).includes(action))).not.toEqual([]);
  });

  it('has only declared faults', () => {
    for (const operation of operations.values()) {
      expect(Object.keys(faults)).toEqual(expect.arrayContaining([...operation.faults]));
    }
  });

  it('is what the page of operations was generated from', () => {
    expect(readFileSync(path.join(root, 'docs', 'operations.md'), 'utf8')).toBe(
      describeOperations(operations.values()),
    );
  });
});

/** The SDK's own schema of a structure; its fifth element names the members. */
type SdkStructure = readonly [number, string, string, unknown, readonly string[]];

/** Members that were added after API 2013-12-02's 39 operations (docs/compatibility.md). */
const NEWER = ['RecordDistributionStrategy', 'ChannelCount', 'ChannelCountLimit'];

const sdkMembers = (...shapes: string[]) =>
  shapes
    .flatMap((shape) => (sdk as unknown as Record<string, SdkStructure | undefined>)[`${shape}$`]?.[4] ?? [])
    .filter((member) => !NEWER.includes(member))
    .sort();

const memberNames = (schema: StructureSchema | undefined) => Object.keys(schema?.members ?? {}).sort();

describe("beside the SDK's model", () => {
  it.each([...operations])('%s takes and answers the same members', (name, { input, output }) => {
    const answer = name.endsWith('EnhancedMonitoring') ? 'EnhancedMonitoringOutput' : `${name}Output`;

    expect(memberNames(input)).toEqual(sdkMembers(`${name}Input`));
    expect(memberNames(output)).toEqual(sdkMembers(answer));
  });

  it('every operation is there', () => {
    const missing = Object.keys(sdk)
      .filter((name) => /.Command$/.test(name) && !/Channel|RecordDistributionStrategy/.test(name))
      .map((name) => name.replace(/Command$/, ''))
      .filter((name) => name !== '$' && !operations.has(name));

    expect(missing).toEqual([]);
  });
});
