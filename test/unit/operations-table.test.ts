import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as sdk from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { faults } from '../../lib/faults.ts';
import { operations } from '../../lib/operations/index.ts';
import { describeOperations } from '../../lib/schema/describe.ts';
import type { StructureSchema } from '../../lib/schema/structure.ts';

const root = path.join(import.meta.dirname, '..', '..');

const kebab = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

describe('the table of operations', () => {
  it.each([...operations])('has %s in a file of its name', (name, operation) => {
    expect(operation.name).toBe(name);
    expect(readdirSync(path.join(root, 'lib', 'operations'))).toContain(`${kebab(name)}.ts`);
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

/** Members that came after API 2013-12-02's 39 operations (docs/compatibility.md). */
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
