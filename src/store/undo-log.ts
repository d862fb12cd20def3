import type { Database } from 'better-sqlite3';

/** Stands in the log while changes are not logged; steps count from 1. */
const PAUSE = "INSERT INTO undo_log (step, statement) VALUES (0, '')";

/**
 * Creates triggers that log the inverse of each change of a database, with the values that it takes. The triggers and the
 * log are part of the database: they outlive the process, and they see cascading deletions.
 */
export function createUndoLog(db: Database): void {
  const tables = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'undo_log'");
  const columnsOf = db.prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)');
  for (const table of tables.pluck().all()) {
    const columns = columnsOf.all(table).map((column, index) => ({ ...column, logged: `c${index}` }));
    const key = columns.filter(({ pk }) => pk > 0);
    const pairs = (of: typeof columns) => of.map(({ name, logged }) => `${name} = @${logged}`);
    const isRow = pairs(key).join(' AND ');
    const values = columns.map(({ logged }) => `@${logged}`);
    const log = (change: string, inverse: string, row: 'OLD' | 'NEW', taken: typeof columns) =>
      db.exec(`
        CREATE TRIGGER undo_${change}_${table} AFTER ${change} ON ${table}
        WHEN NOT EXISTS (SELECT 1 FROM undo_log WHERE step = 0) BEGIN
          INSERT INTO undo_log (statement, ${taken.map(({ logged }) => logged)})
          VALUES ('${inverse}', ${taken.map(({ name }) => `${row}.${name}`)});
        END`);
    log('INSERT', `DELETE FROM ${table} WHERE ${isRow}`, 'NEW', key);
    log('UPDATE', `UPDATE ${table} SET ${pairs(columns)} WHERE ${isRow}`, 'OLD', columns);
    log('DELETE', `INSERT INTO ${table} VALUES (${values})`, 'OLD', columns);
  }
}

/** Makes changes that are not logged and cannot be undone, and clears the log; for use in a transaction. */
export function changeUnlogged(db: Database, change: () => void): void {
  db.exec(PAUSE);
  change();
  db.exec('DELETE FROM undo_log');
}

/** Undoes all logged changes, last one first, and clears the log; for use in a transaction. */
export function undoChanges(db: Database): void {
  const findBefore = db.prepare<[number], { step: number; statement: string }>(
    'SELECT * FROM undo_log WHERE step > 0 AND step < ? ORDER BY step DESC LIMIT 1',
  );
  changeUnlogged(db, () => {
    // A row that was deleted by a cascade may return before the row that it refers to.
    db.exec('PRAGMA defer_foreign_keys = ON');
    let entry = findBefore.get(Number.MAX_SAFE_INTEGER);
    while (entry !== undefined) {
      db.prepare(entry.statement).run(entry);
      entry = findBefore.get(entry.step);
    }
  });
}
