import type { Database } from 'better-sqlite3';
import t from 'tap';
import { prepareDetails } from '../../src/store/details.js';
import { openDatabase } from '../../src/store/open.js';

t.test('every statement of a look-up goes by an index', async (t) => {
  const db = openDatabase(undefined);
  t.teardown(() => db.close());
  const statements: string[] = [];
  const recorder = {
    prepare(sql: string) {
      statements.push(sql);
      return db.prepare(sql);
    },
  };
  prepareDetails(recorder as unknown as Database);
  t.ok(statements.length >= 4, 'statements were prepared');

  for (const sql of statements) {
    const parameters = Array.from({ length: sql.split('?').length - 1 }, () => '');
    const plan = db.prepare<string[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters);
    const steps = plan.map(({ detail }) => detail);
    t.ok(
      steps.some((step) => step.startsWith('SEARCH')),
      sql,
    );
    t.strictSame(
      steps.filter((step) => /\bSCAN\b|TEMP B-TREE|AUTOMATIC/.test(step)),
      [],
      `no scan in: ${steps.join(' · ')}`,
    );
  }
});

t.test('a deletion finds by an index what it takes with it', async (t) => {
  const db = openDatabase(undefined);
  t.teardown(() => db.close());
  for (const table of ['registries', 'artifacts', 'versions']) {
    const plan = db.prepare<[], { detail: string }>(`EXPLAIN QUERY PLAN DELETE FROM ${table} WHERE id = 1`).all();
    for (const { detail } of plan) t.match(detail, /^SEARCH/, table);
  }
});
