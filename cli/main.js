#!/usr/bin/env node
// The command `rivulet`. Plain, old JavaScript that loads nothing before it has looked at the version of Node: on one that is too old,
// the rest would be a syntax error.
import process from 'node:process';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major > 23 || (major === 22 && minor >= 15)) {
  begin();
} else {
  console.error(
    `Rivulet needs Node.js 22.15 or 24 and later, and this is ${process.versions.node}: https://nodejs.org has newer ones.`,
  );
  process.exitCode = 1;
}

function begin() {
  hideExperiment();
  import('node:module')
    .then(({ enableCompileCache, flushCompileCache }) => {
      // From the second start on, Node has nothing to translate or to parse: it takes half the time.
      enableCompileCache();
      return import('./program.ts').then(({ main }) => main(process.argv.slice(2))).then(flushCompileCache);
    })
    .catch((error) => {
      console.error(error);
      process.exit(1);
    });
}

/** Node 22 warns of its SQLite, which is the one that Rivulet is tested on. */
function hideExperiment() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!/SQLite is an experimental feature/.test(String(warning))) {
      emitWarning.call(process, warning, ...rest);
    }
  };
}
