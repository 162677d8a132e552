import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isConditionFailed, mayHaveBeenApplied } from '../../lib/store/store-errors.ts';
import { FILE_NAME, type OpenedEngine } from '../../local/engine/open.ts';
import { NUMBERED, openTestEngine } from '../support/engine.ts';

const BODY_BYTES = 100_000;

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'rivulet-engine-'));
  file = path.join(folder, FILE_NAME);
});

afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true, force: true });
});

const put = ({ engine }: OpenedEngine, sk: number) =>
  engine.put({
    TableName: NUMBERED,
    Item: { pk: 'a', sk, body: new Uint8Array(BODY_BYTES).fill(sk) },
    ConditionExpression: 'attribute_not_exists(pk)',
  });

async function stored({ engine }: OpenedEngine): Promise<unknown[]> {
  const read: unknown[] = [];
  let ExclusiveStartKey: Record<string, unknown> | undefined;
  do {
    const page = await engine.scan({ TableName: NUMBERED, ...(ExclusiveStartKey && { ExclusiveStartKey }) });
    read.push(...(page.Items ?? []).map(({ sk }) => sk));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return read;
}

describe('a file', () => {
  it('has what was written when it is opened again, in both ways of syncing', async () => {
    for (const [synced, sk] of [
      [false, 1],
      [true, 2],
    ] as const) {
      const opened = openTestEngine({ folder, synced });
      await put(opened, sk);
      opened.close();
    }
    const again = openTestEngine({ folder });

    expect(await stored(again)).toEqual([1, 2]);
    again.close();
  });

  it('is its owner’s alone, and so is its folder', async () => {
    await chmod(folder, 0o777);
    const opened = openTestEngine({ folder });
    await put(opened, 1);

    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const suffix of ['', '-wal']) {
      expect((await stat(`${file}${suffix}`)).mode & 0o777).toBe(0o600);
    }
    opened.close();
  });

  it.each([
    [true, 'FULL'],
    [false, 'NORMAL'],
  ] as const)('is told to sync each write where that is asked for, and else not: %s', (synced, level) => {
    // A power cut cannot be tried here. SQLite promises what is left after it for this setting.
    const told = vi.spyOn(DatabaseSync.prototype, 'exec');
    openTestEngine({ folder, synced }).close();

    expect(told.mock.calls.flat().join()).toContain(`synchronous = ${level};`);
    told.mockRestore();
  });
});

describe('a disk that is full', () => {
  it('refuses writes with an error that may be tried again, keeps all that was acknowledged, and takes writes when there is room', async () => {
    const full = openTestEngine({ folder, maxPages: 200 });
    const acknowledged: number[] = [];
    let refusal: Error | undefined;
    for (let sk = 1; refusal === undefined; sk++) {
      await put(full, sk).then(
        () => acknowledged.push(sk),
        (error) => {
          refusal = error;
        },
      );
    }

    expect(refusal).toMatchObject({ name: 'InternalServerError', message: 'the disk is full' });
    expect(mayHaveBeenApplied(refusal)).toBe(true);
    expect(await stored(full)).toEqual(acknowledged);
    await expect(put(full, 1)).rejects.toSatisfy(isConditionFailed);
    await full.engine.delete({ TableName: NUMBERED, Key: { pk: 'a', sk: 1 } });
    await put(full, 1_000);
    expect(await stored(full)).toEqual([...acknowledged.slice(1), 1_000]);
    full.close();
    const again = openTestEngine({ folder });
    expect(await stored(again)).toEqual([...acknowledged.slice(1), 1_000]);
    again.close();
  });
});

describe('a folder that cannot be used is told, and left as it is', () => {
  /** Does something as `nobody` if the process runs as the superuser, whom no chmod stops. */
  function asNobody(work: () => void): void {
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) {
      process.seteuid?.('nobody');
    }
    try {
      work();
    } finally {
      if (isRoot) {
        process.seteuid?.(0);
      }
    }
  }

  it('where it cannot be made', async () => {
    await chmod(folder, 0o500);

    asNobody(() =>
      expect(() => openTestEngine({ folder: path.join(folder, 'inside') })).toThrow(
        /cannot be used: this user may not write to it/,
      ),
    );
  });

  it('where it can only be read', async () => {
    openTestEngine({ folder }).close();
    await chmod(folder, 0o555);

    asNobody(() =>
      expect(() => openTestEngine({ folder })).toThrow(/cannot be used: this user may not (write to|change) it/),
    );
    expect((await stat(folder)).mode & 0o777).toBe(0o555);
  });

  it('where something else is in its place', async () => {
    await writeFile(file, '');

    expect(() => openTestEngine({ folder: file })).toThrow(
      /DATA_DIR .* cannot be used: it is a file, and has to be a folder/,
    );
  });

  it('where the file belongs to another version', async () => {
    const other = new DatabaseSync(file);
    other.exec('PRAGMA user_version = 7');
    other.close();

    expect(() => openTestEngine({ folder })).toThrow(
      'was written by another version of Rivulet (form 7, this one reads 1)',
    );
  });

  it('where another engine of this process has it', () => {
    const first = openTestEngine({ folder });

    expect(() => openTestEngine({ folder })).toThrow('another process holds the file');
    first.close();
  });

  it('where the file is damaged', async () => {
    const opened = openTestEngine({ folder });
    for (let sk = 1; sk <= 20; sk++) {
      await put(opened, sk);
    }
    opened.close();
    const bytes = await readFile(file);
    // Overwrites pages in the middle of the file. Its head stays intact.
    await writeFile(file, bytes.fill(0xa5, 8_192, bytes.length - 8_192));

    expect(() => openTestEngine({ folder })).toThrow(/DATA_DIR .* cannot be used: .*damaged/);
    expect((await readFile(file)).equals(bytes)).toBe(true);
  });
});

describe('a file that is damaged while it is used', () => {
  it('is told with an error, and never read as if it were well', async () => {
    const opened = openTestEngine({ folder });
    await put(opened, 1);
    opened.close();
    const database = new DatabaseSync(file);
    database.exec(`UPDATE "${NUMBERED}" SET doc = '[{"half'`);
    database.close();
    const damaged = openTestEngine({ folder });

    await expect(damaged.engine.get({ TableName: NUMBERED, Key: { pk: 'a', sk: 1 } })).rejects.toMatchObject({
      name: 'InternalServerError',
      message: 'an item of the file is damaged',
    });
    damaged.close();
  });
});
