import path from 'node:path';
import { build } from 'esbuild';

/** What its CommonJS dependencies need to load Node's own modules. */
const REQUIRE = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/**
 * Bundles the local server; what most runs never load stays apart from the rest.
 * @returns the file that runs it
 */
export async function bundleRivulet(folder: string): Promise<string> {
  await build({
    stdin: {
      contents: "import { serve } from './serve.ts'; await serve();",
      resolveDir: path.join(import.meta.dirname, '..', 'local'),
      sourcefile: 'start.ts',
      loader: 'ts',
    },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // As the unbundled server does it when it loads the interpreter.
    alias: Object.fromEntries(
      ['@aws-sdk/client-lambda', '@aws-sdk/credential-providers'].map((name) => [
        name,
        path.join(import.meta.dirname, '..', 'local', 'no-aws-clients.ts'),
      ]),
    ),
    outdir: folder,
    entryNames: 'start',
    outExtension: { '.js': '.mjs' },
    banner: { js: REQUIRE },
  });
  return path.join(folder, 'start.mjs');
}
