import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { faults } from '../../lib/faults.ts';
import { operations } from '../../lib/operations/index.ts';

const folder = path.join(import.meta.dirname, '..', '..', 'lib', 'operations');

const kebab = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();

describe('the table of operations', () => {
  it.each([...operations])('has %s in a file of its name', (name, operation) => {
    expect(operation.name).toBe(name);
    expect(readdirSync(folder)).toContain(`${kebab(name)}.ts`);
  });

  it('has only declared faults', () => {
    for (const operation of operations.values()) {
      expect(Object.keys(faults)).toEqual(expect.arrayContaining([...operation.faults]));
    }
  });
});
