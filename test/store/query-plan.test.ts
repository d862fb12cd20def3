import type { Database } from 'better-sqlite3';
import t, { type Test } from 'tap';
import { prepareDetails } from '../../src/store/details.js';
import { prepareLister } from '../../src/store/lister.js';
import { prepareMergingWriter } from '../../src/store/merging-writer.js';
import { openDatabase } from '../../src/store/open.js';
import { prepareRemover } from '../../src/store/remover.js';
import { prepareUndo } from '../../src/store/undo-log.js';
import { prepareWriter } from '../../src/store/writer.js';

const open = (t: Test): Database => {
  const db = openDatabase(undefined);
  t.teardown(() => db.close());
  return db;
};

/** The statements that a function prepares. */
function statementsOf(db: Database, prepare: (recorder: Database) => unknown): string[] {
  const statements: string[] = [];
  const recorder = {
    prepare(sql: string) {
      statements.push(sql);
      return db.prepare(sql);
    },
  };
  prepare(recorder as unknown as Database);
  return statements;
}

/** The steps of a statement's plan. */
function planOf(db: Database, sql: string): string[] {
  const parameters = Array.from({ length: sql.split('?').length - 1 }, () => '');
  const plan = db.prepare<string[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
  return plan.map(({ detail }) => detail);
}

const isSlow = (step: string): boolean => /\bSCAN\b|TEMP B-TREE|AUTOMATIC/.test(step);

/** Whether a statement reads the names of the tables, or empties one. */
const isOnceOnly = (sql: string): boolean => /sqlite_schema|pragma_table_info|^DELETE FROM undo_log$/.test(sql);

const preparations: Record<string, (db: Database) => unknown> = {
  'a look-up': prepareDetails,
  'a list': prepareLister,
  'a deletion': prepareRemover,
  'an undoing': prepareUndo,
  'a merge': (db) => prepareMergingWriter(db, prepareWriter(db)),
};

for (const [name, prepare] of Object.entries(preparations)) {
  t.test(`every statement of ${name} goes by an index`, async (t) => {
    const db = open(t);
    const statements = statementsOf(db, prepare).filter((sql) => !isOnceOnly(sql));
    t.ok(statements.length >= 4, 'statements were prepared');
    for (const sql of statements) {
      const steps = planOf(db, sql);
      if (!sql.startsWith('INSERT')) t.match(steps.join('\n'), /^SEARCH/m, sql);
      t.strictSame(steps.filter(isSlow), [], `no scan in: ${steps.join(' · ')}`);
    }
  });
}
