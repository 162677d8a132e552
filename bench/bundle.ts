import path from 'node:path';
import { build } from 'esbuild';

/** The CommonJS dependencies in the bundle need `require` to load Node's own modules. */
const REQUIRE = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/**
 * Bundles the local server. Modules that most runs never load are in separate files.
 * @returns the path of the file that starts the server
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
    // The unbundled server makes the same replacement when it loads the interpreter of workflows
    // (local/interpreter.ts).
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
