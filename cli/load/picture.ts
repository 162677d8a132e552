import type { LoadSecond } from './measured-load.ts';

const WIDTH = 860;
const HEIGHT = 520;
const LEFT = 70;
const RIGHT = 20;
const PANEL = 170;

interface Line {
  readonly name: string;
  readonly color: string;
  readonly values: readonly number[];
}

/** Draws throughput and latency over the seconds of a load test, as an SVG text. */
export function drawLoad(title: string, seconds: readonly LoadSecond[]): string {
  const throughput: Line[] = [
    { name: 'stored', color: '#1f77b4', values: seconds.map(({ stored }) => stored) },
    { name: 'received', color: '#2ca02c', values: seconds.map(({ received }) => received) },
    { name: 'throttled', color: '#ff7f0e', values: seconds.map(({ throttled }) => throttled) },
    { name: 'failed', color: '#d62728', values: seconds.map(({ failed }) => failed) },
  ];
  const percentile = (of: number) =>
    seconds.map(({ latency }) => (latency.totalCount === 0 ? 0 : latency.getValueAtPercentile(of) / 1_000));
  const latency: Line[] = [
    { name: 'p50', color: '#1f77b4', values: percentile(50) },
    { name: 'p95', color: '#9467bd', values: percentile(95) },
    { name: 'p99', color: '#d62728', values: percentile(99) },
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="22" font-size="15">${escaped(title)}</text>`,
    panel(50, 'records/s', throughput),
    panel(290, 'latency of a put, ms', latency),
    '</svg>',
    '',
  ].join('\n');
}

function panel(top: number, label: string, lines: readonly Line[]): string {
  const highest = niceTop(Math.max(1, ...lines.flatMap(({ values }) => values)));
  const count = Math.max(2, lines[0]?.values.length ?? 0);
  const x = (index: number) => LEFT + (index / (count - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => top + PANEL - (value / highest) * PANEL;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const value = share * highest;
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}" stroke="#ddd"/><text x="${LEFT - 6}" y="${y(value) + 4}" text-anchor="end" fill="#555">${Number(value.toPrecision(3))}</text>`;
  });
  const drawn = lines.map(({ color, values }) => {
    const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline points="${points}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
  });
  const legend = lines.map(
    ({ name, color }, index) => `<text x="${LEFT + 160 + index * 90}" y="${top - 8}" fill="${color}">${name}</text>`,
  );
  const axis = `<text x="${WIDTH - RIGHT}" y="${top + PANEL + 18}" text-anchor="end" fill="#555">${count} s</text>`;
  return [`<text x="${LEFT}" y="${top - 8}">${label}</text>`, ...legend, ...grid, ...drawn, axis].join('\n');
}

/** The next number that begins with 1, 2 or 5. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
