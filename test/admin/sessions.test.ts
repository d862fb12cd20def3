import t from 'tap';
import { ask, build, listen, NGINX } from '../helper.js';
import { control, of } from './support.js';

t.test('200 sessions at once do not disturb each other', async (t) => {
  const app = build(t);
  await listen(app);
  const names = Array.from({ length: 200 }, (_, index) => `test ${index}`);
  await Promise.all(
    names.map(async (name, index) => {
      const code = 500 + (index % 5);
      const times = 1 + (index % 3);
      const armed = await control(t, app, 'POST', '/faults', { body: { fault: { code }, times }, headers: of(name) });
      t.equal(armed.status, 201);
      const statuses: number[] = [];
      for (let asked = 0; asked < 5; asked += 1) {
        statuses.push((await ask(t, app, NGINX, { headers: of(name) })).status);
      }
      const expected = Array.from({ length: 5 }, (_, asked) => (asked < times ? code : 200));
      t.strictSame(statuses, expected, name);

      const requests = [{ count: 5 }, { match: { status: code }, count: times }];
      const verified = await control(t, app, 'POST', '/verify', { body: { requests }, headers: of(name) });
      t.equal(verified.status, 200);
      t.strictSame(verified.body, { verified: true });
    }),
  );
  t.equal((await ask(t, app, NGINX)).status, 200, 'who is of no session is not hit');
  const all = await control(t, app, 'GET', '/journal/count');
  t.equal(all.body.count, 1_000, 'bounded by the journal of this test');
});

t.test('a fault of no session hits requests of all', async (t) => {
  const app = build(t);
  await control(t, app, 'POST', '/faults', { body: { fault: { code: 503 } } });
  for (const headers of [{}, of('a')]) t.equal((await ask(t, app, NGINX, { headers })).status, 503);
});

t.test('percentages of one session are the same whatever the others do', async (t) => {
  const app = build(t);
  await control(t, app, 'POST', '/faults', { body: { fault: { code: 503 }, percentage: 50 } });
  const draw = async (name: string) => {
    const statuses: number[] = [];
    for (let asked = 0; asked < 20; asked += 1) statuses.push((await ask(t, app, NGINX, { headers: of(name) })).status);
    return statuses;
  };
  const [a, b, c] = await Promise.all([draw('a'), draw('b'), draw('c')]);
  t.strictSame(a, b);
  t.strictSame(b, c);
  t.strictSame([...new Set(a)].sort(), [200, 503]);
});

t.test('who may not ask enters no session', async (t) => {
  const app = build(t);
  const headers = { ...of('a,b'), 'x-api-key': 'unknown' };
  t.equal((await ask(t, app, NGINX, { headers })).status, 401);
  t.equal((await ask(t, app, '/healthz', { headers, method: 'POST' })).status, 405);
  t.equal((await control(t, app, 'GET', '/faults', { headers: { ...headers, host: 'evil.example' } })).status, 403);
});

t.test('a name that is none is refused, and too many names as well', async (t) => {
  const app = build(t);
  for (const name of ['a,b', 'a, a', '', ' ', 'x'.repeat(101), 'é']) {
    const answer = await ask(t, app, NGINX, { headers: of(name) });
    t.equal(answer.status, 400, name);
    const reason = 'expected one name of 1 to 100 printable ASCII characters without a comma';
    t.strictSame(answer.body, {
      code: '400',
      message: 'invalid parameter',
      details: { field: 'x-mock-session', reason },
    });
  }
  for (let index = 0; index < 1_000; index += 1) await ask(t, app, NGINX, { headers: of(`s${index}`) });
  const answer = await ask(t, app, NGINX, { headers: of('one more') });
  t.equal(answer.status, 429);
  t.match(answer.body, { code: '429', message: 'Limit reached', details: { field: 'sessions', limit: 1_000 } });
  t.equal((await ask(t, app, NGINX)).status, 200);
});
