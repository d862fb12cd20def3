// insert.mjs FIXTURE [FILE]: inserts the versions and their children, parsed before, in one transaction into a table with one
// index, in memory or in a file; prints the milliseconds.
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import Database from 'better-sqlite3';

const [fixtures, file = ':memory:'] = process.argv.slice(2);
const lines = readFileSync(fixtures, 'utf8').trimEnd().split('\n');
const COLUMNS = ['size', 'createdAt', 'createdBy', 'modifiedAt', 'downloadCount', 'quarantineReason', 'extra'];
const rows = lines
  .map((line) => JSON.parse(line))
  .flatMap(({ registry, packageType, artifact, artifactType, children = [], ...own }) => {
    const toRow = (parent, { version, ...values }) =>
      [registry, packageType, artifact, artifactType, parent, version, ...COLUMNS.map((name) => values[name])].map(
        toValue,
      );
    return [toRow('', own), ...children.map((child) => toRow(own.version, child))];
  });

function toValue(value) {
  if (value === undefined) return null;
  return typeof value === 'object' ? JSON.stringify(value) : value;
}

const db = new Database(file);
// The same settings as the store.
db.pragma('journal_mode = WAL');
db.pragma('synchronous = NORMAL');
db.exec(`CREATE TABLE versions (registry TEXT, package_type TEXT, artifact TEXT, artifact_type TEXT, parent TEXT,
    version TEXT, ${COLUMNS.join(', ')});
  CREATE UNIQUE INDEX name ON versions (registry, artifact, artifact_type, parent, version);`);
const insert = db.prepare(`INSERT INTO versions VALUES (${Array(13).fill('?').join(', ')})`);
const insertAll = db.transaction(() => {
  for (const row of rows) insert.run(row);
});

const begin = performance.now();
insertAll();
console.log(performance.now() - begin);
db.close();
