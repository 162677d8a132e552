import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Loaded before a program, with `node --import`. It writes the URL of every loaded module to the file that
 * `NOTED_MODULES` names.
 */
const file = process.env.NOTED_MODULES;

if (file !== undefined) {
  registerHooks({
    load(url, context, next) {
      appendFileSync(file, `${url}\n`);
      return next(url, context);
    },
  });
}
