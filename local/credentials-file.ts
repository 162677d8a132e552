import { readFile, stat } from 'node:fs/promises';
import { type Credentials, credentialsOf, parseCredentials } from '../lib/authentication/credentials.ts';

/** The resolution of file system clocks, ms. A file that changed so shortly before it was read may change again with the same time. */
const FILE_CLOCK_MS = 2_000;

/** The credentials of a file, which is read again only when it has changed, or may have. */
export function credentialsFile(file: string): Credentials {
  let text = '';
  let read: { readonly state: string; readonly isCertain: boolean } | undefined;
  return credentialsOf(async () => {
    const { ino, size, mtimeMs, ctimeMs } = await stat(file);
    const state = [ino, size, mtimeMs, ctimeMs].join();
    if (state !== read?.state || !read.isCertain) {
      const isCertain = Date.now() - Math.max(mtimeMs, ctimeMs) > FILE_CLOCK_MS;
      text = await readFile(file, 'utf8');
      read = { state, isCertain };
    }
    return text;
  });
}

/**
 * Checks a file of access keys at start: a server whose keys cannot be read would refuse everybody.
 * @throws Error with a sentence that names the file and the problem
 */
export async function requireCredentialsFile(file: string): Promise<void> {
  try {
    parseCredentials(await readFile(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason =
      code === 'ENOENT'
        ? 'it does not exist. `rivulet keys add --name me --full-access --file <path>` creates one'
        : message;
    throw new Error(`CREDENTIALS_FILE ${file} cannot be used: ${reason}`, { cause: error });
  }
}
