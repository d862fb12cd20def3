import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { listCalls, targetOf } from '../../../fuzz/oracle/calls.js';
import { checkPrism, checkThroughPrism } from '../../../fuzz/oracle/prism.js';
import { build, listen } from '../../helper.js';
import { findingOf, lacksPackages } from './support.js';

t.test('the calls cover every status of the contract', async (t) => {
  const app = build(t);
  for (const call of listCalls()) {
    const answer = await app.inject({ url: targetOf(call), headers: { 'x-api-key': call.key } });
    t.equal(answer.statusCode, call.status, targetOf(call));
  }
  t.strictSame([...new Set(listCalls().map(({ status }) => status))].sort(), [200, 400, 401, 403, 404, 500]);
});

t.test(
  'Prism refuses violations of the document, and no answer of this server',
  {
    skip: lacksPackages,
  },
  async (t) => {
    t.equal(await checkPrism(), 10);
    const port = await listen(build(t));
    t.equal(await checkThroughPrism(`http://127.0.0.1:${port}`, 1), listCalls().length);
  },
);

t.test('a server that violates the document is found', { skip: lacksPackages }, async (t) => {
  const app = build(t);
  const server = createServer(async ({ url, headers }, response) => {
    const { statusCode, body } = await app.inject({ url: url as string, headers });
    response.writeHead(statusCode, { 'content-type': 'application/json' }).end(body.replace('"DOCKER"', '"DOKCER"'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const { found } = await findingOf(t, () => checkThroughPrism(`http://127.0.0.1:${port}`, 1));
  t.match(found, /^500 .*prism\/errors#VIOLATIONS/);
});
