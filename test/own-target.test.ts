import t from 'tap';
import { isOwnTarget } from '../src/own-target.js';

t.test('knows the admin API in every spelling', async (t) => {
  const own = [
    '/__admin/explain?key=x',
    '/%5F_admin/x',
    '/_%5fadmin/%ZZ?key=x',
    '/__%61dmin',
    'http://h/__admin/explain?key=x',
    'HTTPS://h:1/__admin',
  ];
  for (const target of own) t.ok(isOwnTarget(target), target);
  for (const target of [
    '/',
    '/healthz',
    '/har/api/v1/registry/__admin',
    '/x/__admin',
    '/?/__admin',
    'http://h?/__admin',
  ]) {
    t.notOk(isOwnTarget(target), target);
  }
});
