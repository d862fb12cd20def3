import t from 'tap';
import { ask, build, seedStore } from '../helper.js';

t.test('health is answered without a key', async (t) => {
  const store = seedStore(t);
  const app = build(t, { store });
  for (const url of ['/healthz', '/readyz']) {
    const response = await app.inject(url);
    t.equal(response.statusCode, 200, url);
    t.strictSame(response.json(), { status: 'ok' });
  }

  store.close();
  const alive = await app.inject('/healthz');
  t.equal(alive.statusCode, 200);
  t.strictSame(alive.json(), { status: 'ok' });
  const unready = await ask(t, app, '/readyz');
  t.equal(unready.status, 503);
  t.strictSame(unready.body, { code: '503', message: 'Not ready' });
});
