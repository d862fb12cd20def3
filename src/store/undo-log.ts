import type { Database, Statement } from 'better-sqlite3';

/** A table of data: all its columns, and those of its primary key. */
interface Table {
  name: string;
  columns: string[];
  key: string[];
}

/** Lists the tables whose rows the log can bring back: all but the log itself. */
function listTables(db: Database): Table[] {
  const names = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'undo_log'")
    .pluck()
    .all();
  const listColumns = db.prepare<[string], { name: string; pk: number }>('SELECT name, pk FROM pragma_table_info(?)');
  return names.map((name) => {
    const columns = listColumns.all(name);
    const key = columns.filter(({ pk }) => pk > 0);
    return { name, columns: columns.map(({ name }) => name), key: key.map(({ name }) => name) };
  });
}

/**
 * Starts to log what undoes each change of a database. The triggers and the log are part of the database: they outlive
 * the process, and see what a deletion takes with it.
 */
export function startUndoLog(db: Database): void {
  for (const { name, columns, key } of listTables(db)) {
    const log = (statement: string, values: string[]) => `
      INSERT INTO undo_log (statement, ${values.map((_, index) => `c${index}`).join(', ')})
      VALUES ('${statement} ${name}', ${values.join(', ')});`;
    const old = columns.map((column) => `OLD.${column}`);
    const fresh = key.map((column) => `NEW.${column}`);
    db.exec(`
      CREATE TRIGGER undo_insert_${name} AFTER INSERT ON ${name} BEGIN ${log('delete', fresh)} END;
      CREATE TRIGGER undo_update_${name} AFTER UPDATE ON ${name} BEGIN ${log('put', old)} END;
      CREATE TRIGGER undo_delete_${name} AFTER DELETE ON ${name} BEGIN ${log('put', old)} END;`);
  }
}

/** Stops to log changes and forgets the log, so that what is written next costs nothing more and cannot be undone. */
export function stopUndoLog(db: Database): void {
  const triggers = db.prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'trigger'").pluck().all();
  for (const name of triggers) db.exec(`DROP TRIGGER ${name}`);
  db.exec('DELETE FROM undo_log');
}

/**
 * Prepares the undoing of all that is logged: returns a function that does so, for use in a transaction. It takes the
 * steps back one by one, the last one first, and leaves the log empty.
 */
export function prepareUndo(db: Database): () => void {
  const statements = prepareStatements(db);
  const findStepBefore = db
    .prepare<[number], [step: number, statement: string, ...values: unknown[]]>(
      'SELECT * FROM undo_log WHERE step < ? ORDER BY step DESC LIMIT 1',
    )
    .raw();
  const clear = db.prepare('DELETE FROM undo_log');

  return () => {
    // What a deletion has taken with it may come back before what it refers to.
    db.exec('PRAGMA defer_foreign_keys = ON');
    let entry = findStepBefore.get(Number.MAX_SAFE_INTEGER);
    while (entry !== undefined) {
      const [step, name, ...values] = entry;
      const { statement, width } = statements.get(name) as Undoing;
      statement.run(values.slice(0, width));
      entry = findStepBefore.get(step);
    }
    // The triggers have logged the undoing too.
    clear.run();
  };
}

/** A statement that undoes one change, and how many values it takes. */
interface Undoing {
  statement: Statement<unknown[]>;
  width: number;
}

function prepareStatements(db: Database): Map<string, Undoing> {
  const undoings = listTables(db).flatMap(({ name, columns, key }): [string, Undoing][] => {
    const isRow = key.map((column) => `${column} = ?`).join(' AND ');
    const places = columns.map(() => '?').join(', ');
    const restored = columns.map((column) => `${column} = excluded.${column}`).join(', ');
    const put = `INSERT INTO ${name} VALUES (${places}) ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${restored}`;
    return [
      [`delete ${name}`, { statement: db.prepare(`DELETE FROM ${name} WHERE ${isRow}`), width: key.length }],
      [`put ${name}`, { statement: db.prepare(put), width: columns.length }],
    ];
  });
  return new Map(undoings);
}
