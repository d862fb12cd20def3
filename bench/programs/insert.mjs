// Takes a fixture of versions, and a file for the database unless it is kept in memory; prints how many milliseconds it
// took to insert the rows, which are read before, in one transaction into one table with one index.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';

const [fixtures, file = ':memory:'] = process.argv.slice(2);
const rows = readFileSync(fixtures, 'utf8').trimEnd().split('\n');
const values = rows.map((row) => Object.values(JSON.parse(row)));

const db = new Database(file);
// As the store of the server has it.
db.pragma('journal_mode = WAL');
db.pragma('synchronous = NORMAL');
db.exec(`CREATE TABLE versions (registry TEXT, package_type TEXT, artifact TEXT, version TEXT, size INTEGER) STRICT;
  CREATE UNIQUE INDEX name ON versions (registry, artifact, version);`);
const insert = db.prepare('INSERT INTO versions VALUES (?, ?, ?, ?, ?)');
const insertAll = db.transaction(() => {
  for (const row of values) insert.run(row);
});

const begin = performance.now();
insertAll();
console.log(performance.now() - begin);
db.close();
