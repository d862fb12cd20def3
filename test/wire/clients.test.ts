import t from 'tap';
import { askRaw, build, checkContract, KEY, listen, NGINX, NGINX_BODY, sendRaw } from '../helper.js';

const BYTES: [client: string, registryRef: string, artifact: string][] = [
  ['published page, curl', 'acme/platform/web/images/+', 'library/nginx/+'],
  ["vendor's CLI hc", 'acme%2Fplatform%2Fweb%2Fimages/+', 'library%2Fnginx/+'],
  ['Python quote, encodeURIComponent', 'acme%2Fplatform%2Fweb%2Fimages%2F%2B', 'library%2Fnginx%2F%2B'],
  ['generated clients, lower-case escapes', 'acme%2fplatform%2fweb%2fimages%2f%2b', 'library%2fnginx%2f%2b'],
  ["upstream's own OpenAPI, Swagger UI", 'acme%2Fplatform%2Fweb%2Fimages', 'library%2Fnginx'],
  ['scripts, encoded plus', 'acme/platform/web/images/%2B', 'library/nginx/%2B'],
  ['scripts, encoded slash', 'acme/platform/web/images%2F+', 'library/nginx%2F+'],
  ['scripts, all but the plus encoded', 'acme%2Fplatform%2Fweb%2Fimages%2F+', 'library%2Fnginx%2F+'],
];

const FLAT: [client: string, registryRef: string, artifact: string][] = [
  ['published page, curl', 'acme/platform/web/images/+', 'storefront'],
  ["vendor's web UI, Go SDK, MCP server", 'acme/platform/web/images/+', 'storefront/+'],
  ["vendor's CLI hc", 'acme%2Fplatform%2Fweb%2Fimages/+', 'storefront/+'],
  ['Python quote, encodeURIComponent', 'acme%2Fplatform%2Fweb%2Fimages%2F%2B', 'storefront'],
  ['Swagger UI', 'acme%2Fplatform%2Fweb%2Fimages', 'storefront'],
];

const SCOPED: [client: string, registryRef: string, artifact: string][] = [
  ["vendor's CLI hc", 'acme%2Fplatform%2Fweb%2Fnpm/+', '@acme%2Fdesign-system/+'],
  ['encodeURIComponent', 'acme%2Fplatform%2Fweb%2Fnpm%2F%2B', '%40acme%2Fdesign-system%2F%2B'],
  ['published page', 'acme/platform/web/npm/+', '@acme/design-system/+'],
];

const target = (registryRef: string, artifact: string, version: string) =>
  `/har/api/v1/registry/${registryRef}/artifact/${artifact}/version/${version}/details`;

t.test('one artifact answers the same body to the bytes of every client', async (t) => {
  const port = await listen(build(t));
  for (const [rows, version] of [
    [BYTES, '1.25.3'],
    [FLAT, '2024.05.1-rc.1'],
    [SCOPED, '7.3.2'],
  ] as const) {
    const [, firstRef, firstArtifact] = rows[0] as [string, string, string];
    const expected = await askRaw(port, target(firstRef, firstArtifact, version));
    t.equal(expected.status, 200);
    for (const [client, registryRef, artifact] of rows) {
      for (const prefix of ['', '/gateway']) {
        const answer = await askRaw(port, prefix + target(registryRef, artifact, version));
        t.equal(answer.status, 200, `${client}: ${registryRef} ${artifact}`);
        t.equal(answer.text, expected.text);
        checkContract(t, answer);
      }
    }
  }
});

t.test('the ref and the artifact may be spelled differently', async (t) => {
  const port = await listen(build(t));
  for (const [, registryRef] of BYTES) {
    for (const [, , artifact] of BYTES) {
      const answer = await askRaw(port, target(registryRef, artifact, '1.25.3'));
      t.equal(answer.status, 200, `${registryRef} ${artifact}`);
      t.strictSame(answer.body, NGINX_BODY);
    }
  }
});

t.test('a plus is never a space, and keywords may be names', async (t) => {
  const port = await listen(build(t));
  const rows: [string, string][] = [
    [target('acme/infra/rpm-stable/+', 'libstdc++', '13.2.1-6.fc39'), 'libstdc++'],
    [target('acme/platform/charts/+', 'storefront', '1.4.0+build.5'), 'storefront'],
    [target('acme/platform/charts/+', 'storefront', '1.4.0%2Bbuild.5'), 'storefront'],
    [target('acme/infra/downloads/+', 'installers/artifact/version/+', 'details'), 'installers/artifact/version'],
  ];
  for (const [url, name] of rows) {
    const answer = await askRaw(port, url);
    t.equal(answer.status, 200, url);
    t.match(answer.body, { data: { name } });
  }
});

t.test('parameters and headers that clients add are ignored', async (t) => {
  const port = await listen(build(t));
  const query = '?accountIdentifier=a&orgIdentifier=b&projectIdentifier=c&routingId=d&account_identifier=e&x=%20&&=';
  const answer = await askRaw(port, NGINX + query, 'GET', ['Harness-Account: acme', 'Authorization: Bearer x']);
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
});

t.test('absolute-form targets, encoded UTF-8 and HTTP/1.0 are served', async (t) => {
  const port = await listen(build(t));
  const absolute = await askRaw(port, `http://localhost${NGINX}`);
  t.equal(absolute.status, 200);
  t.strictSame(absolute.body, NGINX_BODY);

  const unicode = await askRaw(port, target('acme/base-images/+', encodeURIComponent('é'), '1'));
  t.equal(unicode.status, 404);
  t.strictSame(unicode.body, { code: '404', message: 'Artifact not found' });

  const [old] = await sendRaw(port, `GET ${NGINX} HTTP/1.0\r\nx-api-key: ${KEY}\r\n\r\n`);
  t.equal(old?.status, 200);
  t.strictSame(old?.body, NGINX_BODY);
});

t.test('HEAD answers as GET without a body', async (t) => {
  const port = await listen(build(t));
  const rows: [string, number][] = [
    [NGINX, 200],
    [NGINX.replace('1.25.3', '0'), 404],
    ['/nope', 404],
    ['/%ZZ', 400],
  ];
  for (const [url, status] of rows) {
    const get = await askRaw(port, url);
    t.equal(get.status, status, url);
    const head = await new Promise<string>((resolve) => {
      void import('node:net').then(({ connect }) => {
        let text = '';
        const socket = connect(port, '127.0.0.1', () =>
          socket.write(`HEAD ${url} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\nConnection: close\r\n\r\n`),
        );
        socket.on('data', (chunk) => {
          text += chunk;
        });
        socket.on('close', () => resolve(text));
      });
    });
    t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    t.match(head.toLowerCase(), `content-length: ${get.headers['content-length']}`);
    t.equal(head.slice(head.indexOf('\r\n\r\n')), '\r\n\r\n', 'no body');
  }
});

t.test('any other method on a known path is 405, before keys are looked at', async (t) => {
  const port = await listen(build(t));
  const body = { code: '405', message: 'Method not allowed' };
  const foreign = ['Content-Type: text/nonsense', 'Content-Length: 3', '', 'a\0b'];
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE']) {
    for (const url of [NGINX, `/gateway${NGINX}?x=1`, '/healthz?x', '/openapi.json', '/docs', '/docs/json']) {
      const [answer] = await sendRaw(
        port,
        `${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${foreign.join('\r\n')}`,
      );
      t.equal(answer?.status, 405, `${method} ${url}`);
      t.equal(answer?.headers.allow, 'GET, HEAD');
      t.strictSame(answer?.body, body);
    }
  }
});
