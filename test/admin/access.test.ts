import t from 'tap';
import { decideAccess, isLoopback } from '../../src/admin/access.js';

t.test('loopback is what only the machine itself reaches', async (t) => {
  for (const host of ['localhost', 'LocalHost', '127.0.0.1', '127.9.8.7', '::1', '[::1]']) t.ok(isLoopback(host), host);
  for (const host of [
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'localhost.example',
    'x127.0.0.1',
    '127.0.0.1.nip.io',
    '128.0.0.1',
    '',
  ]) {
    t.notOk(isLoopback(host), host);
  }
});

t.test('a token opens the admin API anywhere; without one it is open on loopback only', async (t) => {
  t.strictSame(decideAccess('127.0.0.1', undefined), { kind: 'open', host: '127.0.0.1' });
  t.strictSame(decideAccess('0.0.0.0', undefined), { kind: 'off' });
  t.strictSame(decideAccess('0.0.0.0', 'secret'), { kind: 'token', token: 'secret' });
  t.strictSame(decideAccess('127.0.0.1', 'secret'), { kind: 'token', token: 'secret' });
});
