/** One bar of a chart: its name, and its length in USD a month. */
export interface Bar {
  readonly name: string;
  readonly usd: number;
}

/** A row of bars for one traffic. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export const dollars = (usd: number): string => `$${usd.toFixed(2)}`;

const longest = (bars: readonly Bar[]): number => Math.max(...bars.map(({ usd }) => usd), Number.MIN_VALUE);

/** Draws bars for a terminal. @param width the length of the longest bar, characters */
export function terminalBars(bars: readonly Bar[], width = 40): string {
  const most = longest(bars);
  const names = Math.max(...bars.map(({ name }) => name.length));
  return bars
    .map(({ name, usd }) => {
      const eighths = Math.round((usd / most) * width * 8);
      const part = eighths % 8 === 0 ? '' : String.fromCharCode(0x2590 - (eighths % 8));
      return `${name.padEnd(names)}  ${'█'.repeat(Math.floor(eighths / 8))}${part} ${dollars(usd)}`;
    })
    .join('\n');
}

const WIDTH = 860;
const NAMES = 250;
const VALUES = 90;
const BAR = 18;
const STEP = 24;
const TITLE = 34;

/** Draws groups of bars as an SVG text. The bars of each group have a scale of their own. */
export function svgBars(title: string, groups: readonly BarGroup[]): string {
  const parts: string[] = [];
  let top = TITLE;
  for (const group of groups) {
    top += TITLE;
    parts.push(`<text x="12" y="${top - 10}" font-size="14" fill="#222">${escaped(group.title)}</text>`);
    const most = longest(group.bars);
    for (const { name, usd } of group.bars) {
      const length = Math.max(1, (usd / most) * (WIDTH - NAMES - VALUES));
      const color = name.startsWith('Kinesis') ? '#9aa5b1' : '#1f77b4';
      parts.push(
        `<text x="${NAMES - 8}" y="${top + BAR - 4}" text-anchor="end" fill="#222">${escaped(name)}</text>`,
        `<rect x="${NAMES}" y="${top}" width="${length.toFixed(1)}" height="${BAR}" fill="${color}"/>`,
        `<text x="${(NAMES + length + 6).toFixed(1)}" y="${top + BAR - 4}" fill="#222">${dollars(usd)}</text>`,
      );
      top += STEP;
    }
  }
  const height = top + 10;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="12" y="24" font-size="16" fill="#222">${escaped(title)}</text>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
