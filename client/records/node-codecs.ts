import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { Codecs } from './codecs.ts';

export const nodeCodecs: Codecs = {
  md5: (data) => createHash('md5').update(data).digest(),
  gunzip: (data, maxOutputLength) => gunzipSync(data, { maxOutputLength }),
};
