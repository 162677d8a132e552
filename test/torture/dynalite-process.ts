import dynalite from 'dynalite';

/** dynalite in a process of its own. Arguments: the port, and the folder of the data. */
const [port, path] = process.argv.slice(2) as [string, string];
dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }).listen(Number(port), '127.0.0.1');
