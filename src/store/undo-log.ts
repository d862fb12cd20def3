import type { Database, Statement } from 'better-sqlite3';

/** Lists the tables of data, with all their columns and those of the primary key. */
function listTables(db: Database) {
  const names = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'undo_log'")
    .pluck()
    .all();
  const listColumns = db.prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)');
  return names.map((table) => {
    const columns = listColumns.all(table).map((column, index) => ({ ...column, logged: `c${index}` }));
    return { table, columns, key: columns.filter(({ pk }) => pk > 0) };
  });
}

/**
 * Starts to log how to undo each change of a database. The triggers and the log are part of the database: they outlive
 * the process, and they see cascading deletions.
 */
export function startUndoLog(db: Database): void {
  for (const { table, columns, key } of listTables(db)) {
    const log = (statement: string, row: 'OLD' | 'NEW', of: typeof columns) => `
      INSERT INTO undo_log (statement, ${of.map(({ logged }) => logged).join(', ')})
      VALUES ('${statement} ${table}', ${of.map(({ name }) => `${row}.${name}`).join(', ')});`;
    db.exec(`
      CREATE TRIGGER undo_insert_${table} AFTER INSERT ON ${table} BEGIN ${log('delete', 'NEW', key)} END;
      CREATE TRIGGER undo_update_${table} AFTER UPDATE ON ${table} BEGIN ${log('put', 'OLD', columns)} END;
      CREATE TRIGGER undo_delete_${table} AFTER DELETE ON ${table} BEGIN ${log('put', 'OLD', columns)} END;`);
  }
}

/** Stops logging and clears the log: the changes that follow are faster and cannot be undone. */
export function stopUndoLog(db: Database): void {
  const triggers = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec('DELETE FROM undo_log');
}

/** Prepares a function, for use in a transaction, that undoes all logged changes, last one first, and clears the log. */
export function prepareUndo(db: Database): () => void {
  // They take from a row of the log what they need.
  const statements = new Map<string, Statement>();
  for (const { table, columns, key } of listTables(db)) {
    const isRow = key.map(({ name, logged }) => `${name} = @${logged}`).join(' AND ');
    const values = columns.map(({ logged }) => `@${logged}`).join(', ');
    const restored = columns.map(({ name }) => `${name} = excluded.${name}`).join(', ');
    const put = `INSERT INTO ${table} VALUES (${values})
      ON CONFLICT (${key.map(({ name }) => name).join(', ')}) DO UPDATE SET ${restored}`;
    statements.set(`delete ${table}`, db.prepare(`DELETE FROM ${table} WHERE ${isRow}`));
    statements.set(`put ${table}`, db.prepare(put));
  }
  const findBefore = db.prepare<[number], { step: number; statement: string }>(
    'SELECT * FROM undo_log WHERE step < ? ORDER BY step DESC LIMIT 1',
  );
  const clear = db.prepare('DELETE FROM undo_log');

  return () => {
    // A row that was deleted by a cascade may return before the row that it refers to.
    db.exec('PRAGMA defer_foreign_keys = ON');
    let entry = findBefore.get(Number.MAX_SAFE_INTEGER);
    while (entry !== undefined) {
      statements.get(entry.statement)?.run(entry);
      entry = findBefore.get(entry.step);
    }
    // The triggers have logged the undo, too.
    clear.run();
  };
}
