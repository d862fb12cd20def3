import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { targetOf } from '../../fuzz/oracle/ask.js';
import { listAsks } from '../../fuzz/oracle/asks.js';
import { requireNoViolation, requireObjections } from '../../fuzz/oracle/proxied.js';
import { build, listen } from '../helper.js';
import { findingOf, lacksPackages } from './support.js';

t.test('every status of the contract is asked for', async (t) => {
  const app = build(t);
  for (const ask of listAsks()) {
    const answer = await app.inject({ url: targetOf(ask), headers: { 'x-api-key': ask.key } });
    t.equal(answer.statusCode, ask.status, targetOf(ask));
  }
  t.strictSame([...new Set(listAsks().map(({ status }) => status))].sort(), [200, 400, 401, 403, 404, 500]);
});

t.test(
  'Prism objects to what violates the document, and to nothing that this server answers',
  {
    skip: lacksPackages,
  },
  async (t) => {
    t.equal(await requireObjections(), 10);
    const port = await listen(build(t));
    t.equal(await requireNoViolation(`http://127.0.0.1:${port}`, 1), listAsks().length);
  },
);

t.test('a server that answers otherwise is found', { skip: lacksPackages }, async (t) => {
  const app = build(t);
  const server = createServer(async ({ url, headers }, response) => {
    const { statusCode, body } = await app.inject({ url: url as string, headers });
    response.writeHead(statusCode, { 'content-type': 'application/json' }).end(body.replace('"DOCKER"', '"DOKCER"'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { found } = await findingOf(t, () => requireNoViolation(`http://127.0.0.1:${port}`, 1));
  t.match(found, /^500 .*prism\/errors#VIOLATIONS/);
});
