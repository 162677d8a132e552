// `npm start`. JavaScript, and nothing but Node loaded before the cache is set: so Node has no TypeScript to translate from the
// second start on, which takes half the time and a quarter less memory.
import { enableCompileCache, flushCompileCache } from 'node:module';
import path from 'node:path';

enableCompileCache(path.join(import.meta.dirname, '..', 'node_modules', '.cache', 'rivulet'));
const { serve } = await import('./serve.ts');
await serve(process.env);
flushCompileCache();
