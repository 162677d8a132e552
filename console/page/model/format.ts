const NUMBER = new Intl.NumberFormat('en-US');

export const count = (value: number): string => NUMBER.format(value);

/** `1 shard`, `2 shards`. */
export const counted = (value: number, word: string): string => `${count(value)} ${word}${value === 1 ? '' : 's'}`;

/** A number in three digits, such as 1,234 or 0.25. */
export function short(value: number): string {
  if (value !== 0 && Math.abs(value) < 10) {
    return value.toLocaleString('en-US', { maximumSignificantDigits: 2 });
  }
  return count(Math.round(value));
}

/** Bytes, in units of 1,024. */
export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1_024 && unit < units.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toLocaleString('en-US', { maximumFractionDigits: 1 })} ${units[unit]}`;
}

/** A duration, by its largest unit. */
export function duration(ms: number): string {
  if (ms < 1_000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 60_000) {
    return `${(ms / 1_000).toFixed(1)} s`;
  }
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** A time of the user's own zone: `14:05:09.120`. */
export const clock = (ms: number): string => {
  const date = new Date(ms);
  const two = (value: number) => `${value}`.padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${`${date.getMilliseconds()}`.padStart(3, '0')}`;
};

/** Date and time of the user's own zone. */
export const dateTime = (ms: number): string =>
  new Date(ms).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

export const dollars = (amount: number): string =>
  amount === 0 ? '$0' : `$${amount < 0.01 ? amount.toPrecision(2) : amount.toFixed(2)}`;

/** Text that is shown within a line: what would break it, or change its direction, is a visible sign instead. */
export const inLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not act
  text.replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
  });
