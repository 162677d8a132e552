// The last step of `npm ci`. Plain, old JavaScript, because it runs on the system's Node, whatever that is. The code needs a newer
// Node than some systems have: then, and only then, it is installed from the registry by a lock file of its own, into this folder.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const REQUIRED = [22, 15];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOld = major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1]) || major === 23;
const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'node');
const bin = path.join(folder, '..', '..', 'node_modules', '.bin');

if (isOld) {
  spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  useInstalled(path.join(folder, 'node_modules', `node-${platformName()}-${process.arch}`));
}

function platformName() {
  return process.platform === 'win32' ? 'win' : process.platform;
}

/** npm scripts look into node_modules/.bin before they use the system's Node. */
function useInstalled(installed) {
  const isWindows = process.platform === 'win32';
  const program = path.join(installed, 'bin', isWindows ? 'node.exe' : 'node');
  if (!existsSync(program)) {
    console.error(
      `Rivulet needs Node.js ${REQUIRED.join('.')} or later, there is ${process.versions.node}, and none could be ` +
        `installed for ${process.platform}-${process.arch}: install a newer one (https://nodejs.org), then run npm ci again.`,
    );
    process.exit(1);
  }
  // Headers and manuals: nobody compiles anything against this Node.
  for (const unused of ['include', 'share']) {
    rmSync(path.join(installed, unused), { recursive: true, force: true });
  }
  mkdirSync(bin, { recursive: true });
  if (isWindows) {
    writeFileSync(path.join(bin, 'node.cmd'), `@"${program}" %*\r\n`);
  } else {
    rmSync(path.join(bin, 'node'), { force: true });
    symlinkSync(path.relative(bin, program), path.join(bin, 'node'));
  }
}
