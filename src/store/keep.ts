import type { Database, Statement } from 'better-sqlite3';

const kept: Database[] = [];

/**
 * Makes a database prepare each text once, and keeps the database and its statements until the process ends. Returns the
 * database. Compiled with the headers of Node 24.19 or later, what better-sqlite3 12 makes ends the process when it is
 * collected as garbage (issue 65446 of Node itself), and 13 does not run on Node 20. A database that is closed has freed
 * all but some kilobytes.
 */
export function keepStatements(db: Database): Database {
  const statements = new Map<string, Statement>();
  const prepare = db.prepare.bind(db);
  const prepareOnce = (sql: string): Statement => {
    const statement = statements.get(sql) ?? prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  db.prepare = prepareOnce as Database['prepare'];
  kept.push(db);
  return db;
}
