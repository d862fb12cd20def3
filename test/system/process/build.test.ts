import { readFileSync } from 'node:fs';
import t from 'tap';
import { KEY, NGINX, NGINX_BODY } from '../../helper.js';
import { spawnBuild } from '../../spawn.js';

t.test('the built command prints its version', async (t) => {
  const run = spawnBuild(t, ['--version']);
  t.equal(await run.ended, 0);
  t.equal(run.stdout, `${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
  t.equal(run.stderr, '');
});

t.test('the built command serves the fixtures and documents of the package', async (t) => {
  const run = spawnBuild(t, ['serve', '--port', '0', '--log-level', 'silent', '--watch']);
  const [, url = ''] = await run.until(/^Listening on (.*)\n/m);
  const response = await fetch(url + NGINX, { headers: { 'x-api-key': KEY } });
  t.equal(response.status, 200);
  t.strictSame(await response.json(), NGINX_BODY);
  const document = await (await fetch(`${url}/openapi.yaml`)).text();
  t.equal(document.replace(url, 'http://127.0.0.1:8650'), readFileSync('openapi.yaml', 'utf8'));
  t.match(await (await fetch(`${url}/docs`)).text(), /<title>Describe Artifact Details<\/title>/);
  const health = spawnBuild(t, ['healthcheck', '--port', new URL(url).port]);
  t.equal(await health.ended, 0);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stdout, `Listening on ${url}\n`);
  t.equal(run.stderr, '');
});
