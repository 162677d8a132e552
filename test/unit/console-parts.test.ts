import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../../client/failure.ts';
import { streamAddress, streamOf } from '../../console/page/address.ts';
import { ROW_HEIGHT, rowWindow, tableHeight, topWithRow } from '../../console/page/model/row-window.ts';
import { cliOption, isPlainValue, rivuletOptions } from '../../console/page/model/snippets.ts';
import { RequestGuard } from '../../console/server/request-guard.ts';
import type { About } from '../../console/wire.ts';

describe('the names of a console', () => {
  const isRefused = (port: number, host: string) =>
    new RequestGuard(port).refusesFile({ method: 'GET', headers: { host } }) !== undefined;

  it('are those that browsers send, which leave out the port of HTTP itself', () => {
    expect(['127.0.0.1:4568', 'localhost:4568'].map((host) => isRefused(4_568, host))).toEqual([false, false]);
    expect(['127.0.0.1', 'localhost'].map((host) => isRefused(80, host))).toEqual([false, false]);
    expect(['127.0.0.1', '127.0.0.1:80', 'evil.example'].map((host) => isRefused(4_568, host))).toEqual([
      true,
      true,
      true,
    ]);
  });
});

describe('an endpoint that does not answer in time', () => {
  it('is told by its name', async () => {
    const error = await new Promise((resolve) => {
      const { signal } = { signal: AbortSignal.timeout(0) };
      signal.addEventListener('abort', () => resolve(signal.reason));
    });

    expect(sentenceOf(error, 'http://127.0.0.1:1')).toBe('http://127.0.0.1:1 cannot be reached: nothing answers there');
  });
});

describe('a line for the AWS CLI', () => {
  it('has values that begin with a dash, which are no options', () => {
    expect(cliOption('partition-key', "it's")).toBe(`--partition-key 'it'\\''s'`);
    expect(cliOption('partition-key', '--output')).toBe('--partition-key=--output');
  });

  it('is not offered for values that the AWS CLI takes for places', () => {
    expect(['file:///etc/passwd', 'fileb://a', 'http://a', 'https://a'].map(isPlainValue)).toEqual(
      Array(4).fill(false),
    );
    expect(['file', 'a file://b', 'order-1'].map(isPlainValue)).toEqual([true, true, true]);
  });
});

describe('the address of a stream', () => {
  it.each(['orders', '.', '..', '...', '-x', 'a.b', 'constructor'])('leads to %s, and is no other folder', (name) => {
    const { pathname } = new URL(streamAddress(name, 'records'), 'http://127.0.0.1');
    const [, folder, segment = '', screen] = pathname.split('/');

    expect([folder, screen]).toEqual(['streams', 'records']);
    expect(streamOf(decodeURIComponent(segment))).toBe(name);
  });
});

describe('a line of rivulet', () => {
  const at = (about: Partial<About>, chosen?: string) =>
    rivuletOptions({ region: 'eu-west-1', kind: 'local', url: 'http://localhost:4567', ...about } as About, chosen);
  const deployed = { kind: 'deployed', url: 'https://api.example/' } as const;

  it('needs no word for the usual server of this machine', () => {
    expect(at({})).toBe('');
  });

  it.each([
    ['another local server', at({ url: 'http://[::1]:9' }), " --endpoint 'http://[::1]:9'"],
    ['a region that was chosen', at({}, 'eu-west-1'), ' --region eu-west-1'],
    ['a local server with keys', at({ profile: 'a b' }), " --endpoint http://localhost:4567 --profile 'a b'"],
    ['a deployment', at(deployed), ' --endpoint https://api.example/ --region eu-west-1'],
    [
      'a deployment whose keys are in a profile, which alone may mean Kinesis itself',
      at({ ...deployed, profile: 'mine' }),
      ' --endpoint https://api.example/ --profile mine --region eu-west-1',
    ],
    ['Kinesis itself', at({ kind: 'aws', url: undefined }), ' --endpoint aws --region eu-west-1'],
  ])('names %s', (_what, options, expected) => {
    expect(options).toBe(expected);
  });
});

describe('the rows of a table that are in the page', () => {
  const tables = fc
    .record({ count: fc.integer({ min: 1, max: 3_000_000 }), view: fc.integer({ min: 100, max: 2_000 }) })
    .chain((table) =>
      fc.record({
        count: fc.constant(table.count),
        view: fc.constant(table.view),
        top: fc.integer({ min: 0, max: Math.max(0, tableHeight(table.count) - table.view) }),
        row: fc.integer({ min: 0, max: table.count - 1 }),
      }),
    );

  it('fill the view, wherever it is scrolled to, and are few', () => {
    fc.assert(
      fc.property(tables, ({ row: _row, ...scrolled }) => {
        const { from, shown, offset } = rowWindow(scrolled);

        expect(shown).toBeLessThan(scrolled.view / ROW_HEIGHT + 14);
        expect(from + shown).toBeLessThanOrEqual(scrolled.count);
        expect(offset <= scrolled.top || from === 0).toBe(true);
        expect(offset + shown * ROW_HEIGHT >= scrolled.top + scrolled.view || from + shown === scrolled.count).toBe(
          true,
        );
      }),
    );
  });

  it('reach both ends, also of a table that is higher than browsers draw', () => {
    fc.assert(
      fc.property(tables, ({ count, view }) => {
        const height = tableHeight(count);
        const end = rowWindow({ count, view, top: Math.max(0, height - view) });

        expect(rowWindow({ count, view, top: 0 })).toMatchObject({ from: 0, offset: 0 });
        expect(end.from + end.shown).toBe(count);
        expect(Math.abs(end.offset + end.shown * ROW_HEIGHT - height)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('have one among them that is moved to, and the view moves no further than it must', () => {
    fc.assert(
      fc.property(tables, ({ row, ...scrolled }) => {
        // Browsers scroll by whole pixels, and no further than to the end.
        const most = Math.max(0, tableHeight(scrolled.count) - scrolled.view);
        const top = Math.min(most, Math.round(topWithRow(row, scrolled)));
        const { from, shown, offset } = rowWindow({ ...scrolled, top });
        const above = offset + (row - from) * ROW_HEIGHT - top;

        expect(row >= from && row < from + shown).toBe(true);
        // A pixel of a very high table is up to half a row.
        expect(above).toBeGreaterThanOrEqual(-ROW_HEIGHT / 2);
        expect(above + ROW_HEIGHT).toBeLessThanOrEqual(scrolled.view + ROW_HEIGHT / 2);
        expect(Math.round(topWithRow(row, { ...scrolled, top: topWithRow(row, scrolled) }))).toBe(
          Math.round(topWithRow(row, scrolled)),
        );
      }),
    );
  });
});
