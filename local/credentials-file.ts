import { readFile, stat } from 'node:fs/promises';
import { type Credentials, credentialsOf } from '../lib/authentication/credentials.ts';

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
