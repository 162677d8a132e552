import { type Setting, settings } from '../local/settings.ts';

const BEGIN = '<!-- settings: written by npm run docs -->';
const END = '<!-- end of settings -->';

const row = ({ variable, option, byDefault, meaning, deployed }: Setting): string =>
  `| \`${variable}\` | \`--${option}\` | ${byDefault} | ${meaning}${deployed ? ' (*)' : ''} |`;

/** The page with its table written anew, from the table that the command line is made of. */
export function withSettings(page: string): string {
  const table = ['| variable | option | default | meaning |', '|---|---|---|---|', ...settings.map(row)].join('\n');
  const [before, rest = ''] = page.split(BEGIN);
  const after = rest.split(END)[1] ?? '';
  return `${before}${BEGIN}\n${table}\n${END}${after}`;
}
