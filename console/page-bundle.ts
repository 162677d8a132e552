import path from 'node:path';
import { type BuildOptions, type BuildResult, build } from 'esbuild';

const PAGE = path.join(import.meta.dirname, 'page');

const OPTIONS = {
  absWorkingDir: path.join(import.meta.dirname, '..'),
  entryPoints: {
    app: path.join(PAGE, 'main.tsx'),
    'record-worker': path.join(PAGE, 'records', 'record-worker.ts'),
    style: path.join(PAGE, 'style.css'),
    index: path.join(PAGE, 'index.html'),
    icon: path.join(PAGE, 'icon.svg'),
  },
  bundle: true,
  minify: true,
  format: 'esm',
  // The first ones with `light-dark()` and `@property`.
  target: ['chrome123', 'firefox128', 'safari17.5'],
  loader: { '.html': 'copy', '.svg': 'copy' },
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  metafile: true,
  logLevel: 'error',
} satisfies BuildOptions;

/**
 * Bundles the console's page: the files that browsers get, without a build of their own.
 * @param outdir where they are written; undefined: they are only returned
 */
export const bundlePage = (outdir?: string): Promise<BuildResult<{ metafile: true }>> =>
  build({ ...OPTIONS, outdir: outdir ?? path.join(PAGE, 'dist'), write: outdir !== undefined });
