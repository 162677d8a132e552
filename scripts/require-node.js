// This is plain, old JavaScript, because it has to run on old versions of Node too. If the version is too old, it
// says so in one line. On Linux and Windows `npm ci` installs its own Node. Elsewhere the Node of the system is used.
const REQUIRED = [22, 15];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  console.error(
    `Rivulet needs Node.js ${REQUIRED.join('.')} or later, and there is ${process.versions.node}: ` +
      'install a newer one (https://nodejs.org), then run npm ci again.',
  );
  process.exit(1);
}
