import t from 'tap';
import { ask, build } from '../helper.js';

t.test('the docs page and all that it loads come from this server', async (t) => {
  const app = build(t);
  const page = await app.inject('/docs');
  t.equal(page.statusCode, 200);
  t.match(page.headers['content-type'], /^text\/html/);
  t.match(page.body, '<title>Describe Artifact Details</title>');
  const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => link as string);
  t.ok(links.length > 4);
  for (const link of links) {
    t.notMatch(link, /^(https?:)?\/\//, 'nothing from elsewhere');
    const loaded = await app.inject(new URL(link, 'http://localhost/docs').pathname);
    t.equal(loaded.statusCode, 200, link);
  }
});

t.test('no page of another site may show it in a frame', async (t) => {
  const app = build(t);
  for (const url of ['/docs', '/docs/', '/docs/static/index.html', '/__admin/docs', '/__admin/docs/json']) {
    const { headers } = await app.inject(url);
    t.equal(headers['content-security-policy'], "frame-ancestors 'none'", url);
    t.equal(headers['x-frame-options'], 'DENY', url);
  }
});

t.test('try it out asks this server', async (t) => {
  const response = await build(t).inject('/docs/json');
  t.equal(response.statusCode, 200);
  t.strictSame(response.json().servers, [{ url: '/', description: 'This server' }]);
});

t.test('what is not there is the envelope, and nothing outside is served', async (t) => {
  const app = build(t);
  for (const url of ['/docs/nope', '/docs/static/nope.js', '/docs/static/..%2f..%2fpackage.json']) {
    const response = await app.inject(url);
    t.equal(response.statusCode, 404, url);
    t.match(response.json(), { code: '404', message: 'Route not found' });
  }
});

t.test('closing an app whose docs were never asked for is fine', async (t) => {
  const app = build(t);
  const response = await app.inject('/healthz');
  t.equal(response.statusCode, 200);
  t.strictSame(response.json(), { status: 'ok' });
  await t.resolves(app.close());
});

t.test('what a file of the page cannot give is refused in the envelope', async (t) => {
  const app = build(t);
  const file = '/docs/static/swagger-ui.css';
  const rows: [Record<string, string>, number, string][] = [
    [{ range: 'bytes=99999999-' }, 416, 'Range Not Satisfiable'],
    [{ 'if-match': '"x"' }, 412, 'Precondition Failed'],
  ];
  for (const [headers, status, message] of rows) {
    const answer = await ask(t, app, file, { headers });
    t.equal(answer.status, status, message);
    t.match(answer.body, { code: String(status), message, details: { reason: /^[A-Z]/ } });
  }
});
