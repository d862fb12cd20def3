import t from 'tap';
import { ask, build, NGINX } from '../helper.js';
import { control, of } from './support.js';

t.test('answers whether all is as expected', async (t) => {
  const app = build(t);
  const verify = (body?: unknown, headers = {}) => control(t, app, 'POST', '/verify', { body, headers });
  t.equal((await verify()).status, 200);
  await control(t, app, 'POST', '/faults', { body: { fault: { code: 503 } } });

  const unhit = 'armed fault 1 was never hit; it waits for requests of any kind';
  const failed = await verify({ requests: [{ match: { artifact: 'library/*' } }] });
  t.equal(failed.status, 409);
  const unmet = 'requests[0]: 0 came with artifact library/*, expected at least 1';
  t.strictSame(failed.body, { code: '409', message: 'Not as expected', details: { reasons: [unhit, unmet] } });

  await ask(t, app, NGINX);
  const passed = await verify({ requests: [{ match: { artifact: 'library/*', status: 503 }, count: 1 }] });
  t.equal(passed.status, 200);
  t.strictSame(passed.body, { verified: true });
  t.equal((await verify({ requests: [{ count: 0 }] }, of('s'))).status, 200, 'a session is asked about its own');
});

t.test('refuses what is no expectation', async (t) => {
  const answer = await control(t, build(t), 'POST', '/verify', { body: { requests: [{ count: 'x' }] } });
  t.equal(answer.status, 400);
  const reason = 'found "x", expected how many there must be, a whole number';
  t.strictSame(answer.body.details, { field: 'requests[0].count', reason });
});
