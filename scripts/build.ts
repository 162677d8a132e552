import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import { bundlePage } from '../console/page-bundle.ts';
import { bundleFunction, FUNCTION_ENTRIES, REQUIRE_BANNER } from '../infra/function-bundle.ts';

const ROOT = path.join(import.meta.dirname, '..');

/** What the package declares to be installed by its users, and only where they use `rivulet/cdk`. */
const PEERS = ['aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'];

const STATE_MACHINE = 'lifecycle.asl.json';

/** The sources that have another form in the package. */
const REPLACED: Readonly<Record<string, string>> = {
  [path.join(ROOT, 'infra', 'function-code.ts')]: path.join(ROOT, 'infra', 'packaged-code.ts'),
  [path.join(ROOT, 'console', 'server', 'page-files.ts')]: path.join(ROOT, 'console', 'server', 'packaged-page.ts'),
};

const replace: Plugin = {
  name: 'packaged',
  setup({ onResolve }) {
    onResolve({ filter: /\.ts$/ }, ({ path: specifier, resolveDir }) => {
      const replacement = REPLACED[path.resolve(resolveDir, specifier)];
      return replacement === undefined ? undefined : { path: replacement };
    });
  },
};

/** The server from its sources makes the same replacement when it loads the interpreter of workflows (local/interpreter.ts). */
const NO_AWS_CLIENTS = Object.fromEntries(
  ['@aws-sdk/client-lambda', '@aws-sdk/credential-providers'].map((name) => [
    name,
    path.join(ROOT, 'local', 'no-aws-clients.ts'),
  ]),
);

const SHARED_OPTIONS = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  target: 'node22',
  // The names of functions stay, for stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  mainFields: ['module', 'main'],
  external: PEERS,
  alias: NO_AWS_CLIENTS,
  metafile: true,
  legalComments: 'none',
  logLevel: 'error',
} satisfies BuildOptions;

/**
 * Bundles what the package contains: the command line, the library in both module formats, and the construct with its functions.
 * @param dist an empty folder, or one that does not exist
 * @returns what is in the bundles
 */
export async function buildBundles(dist: string): Promise<Metafile[]> {
  const modules = await build({
    ...SHARED_OPTIONS,
    entryPoints: {
      rivulet: path.join(ROOT, 'cli', 'main.js'),
      library: path.join(ROOT, 'library', 'index.ts'),
      cdk: path.join(ROOT, 'infra', 'index.ts'),
    },
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    plugins: [replace],
    banner: { js: REQUIRE_BANNER },
  });
  const commonJs = await build({
    ...SHARED_OPTIONS,
    outfile: path.join(dist, 'library.cjs'),
    entryPoints: [path.join(ROOT, 'library', 'index.ts')],
    format: 'cjs',
    define: { 'import.meta.url': '__fileUrl' },
    banner: { js: "const __fileUrl=require('node:url').pathToFileURL(__filename).href;" },
  });
  // The state machine that is deployed: the construct uploads this very file.
  copyFileSync(path.join(ROOT, 'infra', STATE_MACHINE), path.join(dist, STATE_MACHINE));
  const page = await bundlePage(path.join(dist, 'console'));
  const functions = FUNCTION_ENTRIES.map((entry) => bundleFunction(entry, path.join(dist, 'functions', entry)));
  return [modules.metafile, commonJs.metafile, page.metafile, ...functions];
}

/** The declarations that the exports need, and no others. */
function writeTypes(folder: string): void {
  const all = mkdtempSync(path.join(tmpdir(), 'rivulet-types-'));
  try {
    execFileSync(
      process.execPath,
      [
        path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'),
        ...['--project', path.join(ROOT, 'scripts', 'types.tsconfig.json'), '--outDir', all],
      ],
      { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
    );
    const pending = ['library/index.d.ts', 'infra/index.d.ts'];
    for (const file of pending) {
      const text = readFileSync(path.join(all, file), 'utf8');
      const imported = [...text.matchAll(/(?:from|import\()\s*["'](\.[^"']+)\.ts["']/g)].map(([, specifier]) =>
        path.posix.join(path.posix.dirname(file), `${specifier}.d.ts`),
      );
      pending.push(...imported.filter((one) => !pending.includes(one)));
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text.replace(/(["']\.[^"']+)\.ts(["'])/g, '$1.js$2'));
    }
  } finally {
    rmSync(all, { recursive: true, force: true });
  }
}

/** `npm run build`, which `npm pack` runs too: writes dist/. */
if (import.meta.main) {
  const dist = path.join(ROOT, 'dist');
  rmSync(dist, { recursive: true, force: true });
  await buildBundles(dist);
  writeTypes(path.join(dist, 'types'));
}
