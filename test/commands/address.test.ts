import t from 'tap';
import { reachable } from '../../src/address.js';

t.test('the host by which a machine reaches one of its own addresses, as a URL writes it', async (t) => {
  const rows: [string, string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['192.0.2.7', '192.0.2.7'],
    ['localhost', 'localhost'],
    ['mock.example.com', 'mock.example.com'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
    ['2001:db8::7', '[2001:db8::7]'],
  ];
  for (const [host, expected] of rows) {
    t.equal(reachable(host), expected, host);
    t.ok(URL.canParse(`http://${reachable(host)}:8650/`), `${host} in a URL`);
  }
});
