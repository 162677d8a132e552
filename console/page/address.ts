/** A name of only dots would be taken for a folder. No name has a `~`. */
const DOTS = /^\.+$/;

/** An address of a stream's screens. Names of streams have only characters that need no escape, but others may be typed. */
export const streamAddress = (stream: string, screen = ''): string =>
  `/streams/${DOTS.test(stream) ? '~' : ''}${encodeURIComponent(stream)}${screen === '' ? '' : `/${screen}`}`;

/** The stream whose name an address has. */
export const streamOf = (name = ''): string => name.replace(/^~(?=\.+$)/, '');

/** Whether the escapes of a path are whole. */
export function isReadable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * An address with other parameters.
 * @param search  those that it has
 * @param changes nothing, for a parameter that goes
 */
export function changedAddress(
  address: string,
  search: string,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  const parameters = new URLSearchParams(search);
  for (const [name, value = ''] of Object.entries(changes)) {
    if (value === '') {
      parameters.delete(name);
    } else {
      parameters.set(name, value);
    }
  }
  return parameters.size === 0 ? address : `${address}?${parameters}`;
}
