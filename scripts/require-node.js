// Plain JavaScript, and no newer than it has to be: it runs on whatever Node there is, and says so in one line where that is too old.
// Linux and Windows get a Node of their own by `npm ci`; elsewhere the system's has to do.
const REQUIRED = [22, 15];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < REQUIRED[0] || (major === REQUIRED[0] && minor < REQUIRED[1])) {
  console.error(
    `Rivulet needs Node.js ${REQUIRED.join('.')} or later, and there is ${process.versions.node}: ` +
      'install a newer one (https://nodejs.org), then run npm ci again.',
  );
  process.exit(1);
}
