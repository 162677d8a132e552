import { appendFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Loaded before a program (`node --import`): notes the URL of every module that is loaded, in the file named by `NOTED_MODULES`. */
const file = process.env.NOTED_MODULES;

if (file !== undefined) {
  registerHooks({
    load(url, context, next) {
      appendFileSync(file, `${url}\n`);
      return next(url, context);
    },
  });
}
