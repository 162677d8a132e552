import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync, type Metafile } from 'esbuild';

const ROOT = path.join(import.meta.dirname, '..');

const LICENCES_FILE = 'THIRD-PARTY-LICENSES.txt';

/** The entries of the functions, by their names in functions/. */
export const FUNCTION_ENTRIES = ['api', 'api-streaming', 'workflow-step', 'empty-bucket'] as const;

export type FunctionEntry = (typeof FUNCTION_ENTRIES)[number];

/** ES modules have no `require`, so this banner defines one for the CommonJS parts of a bundle. */
export const REQUIRE_BANNER = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/**
 * Bundles a function as minified ES modules, with a pinned SDK and the licences of what is in it.
 * @param outdir a folder, which gets `index.mjs`, what it imports on demand, source maps and the licences
 * @returns what is in the bundle
 */
export function bundleFunction(entry: FunctionEntry, outdir: string): Metafile {
  const { metafile } = buildSync({
    entryPoints: { index: path.join(ROOT, 'functions', `${entry}.ts`) },
    outdir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    bundle: true,
    // What is imported on demand becomes a file of its own, so that it takes no time of a cold start.
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minify: true,
    // What runs once in a stack's life is worth no map: it would be a sixteenth of the npm package.
    sourcemap: entry !== 'empty-bucket',
    sourcesContent: false,
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    metafile: true,
    logLevel: 'error',
  });
  copyFileSync(path.join(ROOT, LICENCES_FILE), path.join(outdir, LICENCES_FILE));
  return metafile;
}
