import t from 'tap';
import { operations } from '../../src/admin/operations.js';
import { build } from '../helper.js';
import { control } from './support.js';

t.test('the document has every operation, and is none of the contract', async (t) => {
  const app = build(t);
  const { status, body } = await control(t, app, 'GET', '/openapi.json');
  t.equal(status, 200);
  t.equal(body.openapi, '3.1.0');
  const documented = Object.entries<Record<string, { operationId: string }>>(body.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method.toUpperCase()} ${path}`),
  );
  const known = Object.entries(operations).map(
    ([name, { method, url }]) => `${name} ${method} ${url.replace(':id', '{id}')}`,
  );
  t.strictSame(documented.sort(), known.sort());

  const contract = (await app.inject('/openapi.json')).json();
  t.notOk(Object.keys(contract.paths).some((path) => path.startsWith('/__admin')));
});

t.test('every operation says what it takes, answers and refuses', async (t) => {
  const app = build(t);
  const { body } = await control(t, app, 'GET', '/openapi.json');
  for (const { method, url, summary, status, ...operation } of Object.values(operations)) {
    const documented = body.paths[url.replace(':id', '{id}')][method.toLowerCase()];
    t.equal(documented.summary, summary);
    const refusals = 'refusals' in operation ? operation.refusals : [];
    t.strictSame(Object.keys(documented.responses), [status, 400, 401, 403, ...refusals].map(String));
    t.equal('requestBody' in documented, 'body' in operation, summary);
    if ('example' in operation) {
      t.strictSame(documented.requestBody.content['application/json'].example, operation.example);
      const { status: answered } = await control(t, app, method, url.slice('/__admin'.length), {
        body: operation.example,
      });
      t.ok(answered === status || summary.startsWith('Fails'), 'the example does something');
    }
    const named = documented.parameters.map(({ name }: { name: string }) => name);
    t.ok(named.includes('x-mock-session'));
    for (const { name, description } of documented.parameters) t.ok(description, `${summary}: ${name}`);
  }
  t.ok(body.components.schemas.Error, 'the envelope is the contract’s');
});

t.test('it is served as YAML as well, and as a page that loads nothing from elsewhere', async (t) => {
  const app = build(t);
  const yaml = await control(t, app, 'GET', '/openapi.yaml');
  t.equal(yaml.status, 200);
  t.match(yaml.text, /^openapi: 3\.1\.0$/m);
  const page = await control(t, app, 'GET', '/docs');
  t.equal(page.status, 200);
  t.match(page.text, '<title>Admin API</title>');
  for (const [, source] of page.text.matchAll(/(?:src|href)="([^"]+)"/g))
    t.match(source, /^\.?\//, 'is of this server');
  const shown = await control(t, app, 'GET', '/docs/json');
  t.equal(shown.status, 200);
  t.strictSame(shown.body.servers, [{ url: '/', description: 'This server' }]);
  t.ok(shown.body.paths['/__admin/faults']);
});
