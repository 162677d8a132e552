const COLUMN = 8.4;
const ROW = 20;
const PADDING = 16;

/** Draws what a terminal showed, as an SVG text. Lines that begin with `$` are what was typed. */
export function drawTerminal(transcript: string): string {
  const lines = transcript.trimEnd().split('\n');
  const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * COLUMN + 2 * PADDING);
  const height = lines.length * ROW + 2 * PADDING;
  const rows = lines.map((line, index) => {
    const color = line.startsWith('$') ? '#7ee787' : '#e6edf3';
    const y = PADDING + index * ROW + 14;
    return `<text x="${PADDING}" y="${y}" fill="${color}" xml:space="preserve">${escaped(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace, Menlo, Consolas, monospace" font-size="14">`,
    '<title>Rivulet in a terminal</title>',
    `<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>`,
    ...rows,
    '</svg>',
    '',
  ].join('\n');
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
