import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { MAX_SILENCE } from '../../src/api/connections.js';
import {
  type Answer,
  askRaw,
  build,
  checkContract,
  KEY,
  listen,
  NGINX,
  NGINX_BODY,
  ROUTE_NOT_FOUND,
  sendRaw,
} from '../helper.js';

const API = '/har/api/v1/registry';

const target = (ref: string, artifact: string, version: string) =>
  `${API}/${ref}/artifact/${artifact}/version/${version}/details`;

const GOOD = `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`;

const TUNNEL = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n';

const malformed = (value: string) => ({
  code: '400',
  message: 'malformed target',
  details: { field: 'target', value, reason: 'is not percent-encoded UTF-8; write a percent sign as %25' },
});

const ADMIN_ROUTE_NOT_FOUND = {
  code: '404',
  message: 'Route not found',
  details: { hint: 'GET /__admin/docs shows the admin API' },
};

const SPELLED: Record<string, [client: string, ref: string, artifact: string][]> = {
  '1.25.3': [
    ['published page, curl', 'acme/platform/web/images/+', 'library/nginx/+'],
    ["vendor's CLI hc", 'acme%2Fplatform%2Fweb%2Fimages/+', 'library%2Fnginx/+'],
    ['Python quote, encodeURIComponent', 'acme%2Fplatform%2Fweb%2Fimages%2F%2B', 'library%2Fnginx%2F%2B'],
    ['generated clients, lower-case escapes', 'acme%2fplatform%2fweb%2fimages%2f%2b', 'library%2fnginx%2f%2b'],
    ["upstream's own OpenAPI, Swagger UI", 'acme%2Fplatform%2Fweb%2Fimages', 'library%2Fnginx'],
    ['scripts, encoded plus', 'acme/platform/web/images/%2B', 'library/nginx/%2B'],
    ['scripts, encoded slash', 'acme/platform/web/images%2F+', 'library/nginx%2F+'],
    ['scripts, all but the plus encoded', 'acme%2Fplatform%2Fweb%2Fimages%2F+', 'library%2Fnginx%2F+'],
  ],
  '2024.05.1-rc.1': [
    ['published page, curl', 'acme/platform/web/images/+', 'storefront'],
    ["vendor's web UI, Go SDK, MCP server", 'acme/platform/web/images/+', 'storefront/+'],
    ["vendor's CLI hc", 'acme%2Fplatform%2Fweb%2Fimages/+', 'storefront/+'],
    ['Python quote, encodeURIComponent', 'acme%2Fplatform%2Fweb%2Fimages%2F%2B', 'storefront'],
    ['Swagger UI', 'acme%2Fplatform%2Fweb%2Fimages', 'storefront'],
  ],
  '7.3.2': [
    ["vendor's CLI hc", 'acme%2Fplatform%2Fweb%2Fnpm/+', '@acme%2Fdesign-system/+'],
    ['encodeURIComponent', 'acme%2Fplatform%2Fweb%2Fnpm%2F%2B', '%40acme%2Fdesign-system%2F%2B'],
    ['published page', 'acme/platform/web/npm/+', '@acme/design-system/+'],
  ],
};

t.test('one artifact answers the same body to the bytes of every client', async (t) => {
  const port = await listen(build(t));
  for (const [version, rows] of Object.entries(SPELLED)) {
    const [, firstRef, firstArtifact] = rows[0] as [string, string, string];
    const expected = await askRaw(port, target(firstRef, firstArtifact, version));
    t.equal(expected.status, 200);
    t.match(expected.body, { data: { version } });
    for (const [client, ref, artifact] of rows) {
      for (const prefix of ['', '/gateway']) {
        const answer = await askRaw(port, prefix + target(ref, artifact, version));
        t.equal(answer.status, 200, `${client}: ${ref} ${artifact}`);
        t.equal(answer.text, expected.text);
        checkContract(t, answer);
      }
    }
  }
});

t.test('the ref and the artifact may be spelled differently', async (t) => {
  const port = await listen(build(t));
  const rows = SPELLED['1.25.3'] ?? [];
  for (const [, ref] of rows) {
    for (const [, , artifact] of rows) {
      const answer = await askRaw(port, target(ref, artifact, '1.25.3'));
      t.equal(answer.status, 200, `${ref} ${artifact}`);
      t.strictSame(answer.body, NGINX_BODY);
    }
  }
});

t.test('a plus in the path is not a space, and words of the path may be names', async (t) => {
  const port = await listen(build(t));
  const rows: [string, string][] = [
    [target('acme/infra/rpm-stable/+', 'libstdc++', '13.2.1-6.fc39.x86_64'), 'libstdc++'],
    [target('acme/pypi/+', 'acme-metrics', '0.9.0+local.3'), 'acme-metrics'],
    [target('acme/pypi/+', 'acme-metrics', '0.9.0%2Blocal.3'), 'acme-metrics'],
    [target('acme/infra/downloads/+', 'installers/artifact/version/+', 'details'), 'installers/artifact/version'],
  ];
  for (const [url, name] of rows) {
    const answer = await askRaw(port, url);
    t.equal(answer.status, 200, url);
    t.match(answer.body, { data: { name } });
    checkContract(t, answer);
  }
});

t.test('parameters and headers that clients add are ignored', async (t) => {
  const port = await listen(build(t));
  const query = '?accountIdentifier=a&orgIdentifier=b&projectIdentifier=c&routingId=d&account_identifier=e&x=%20&&=';
  const headers = ['Harness-Account: acme', 'Authorization: Bearer x', 'Expect: magic', 'Connection: Upgrade'];
  const answer = await askRaw(port, NGINX + query, 'GET', [...headers, 'Upgrade: h2c']);
  t.equal(answer.status, 200);
  t.strictSame(answer.body, NGINX_BODY);
  checkContract(t, answer);
});

t.test('an unknown expectation is ignored, whatever the answer is', async (t) => {
  const port = await listen(build(t));
  for (const [url, status] of [
    [NGINX, 200],
    ['/nope', 404],
    ['/%ZZ', 400],
  ] as const) {
    const answer = await askRaw(port, url, 'GET', ['Expect: magic']);
    t.equal(answer.status, status, url);
    checkContract(t, answer);
  }
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

t.test('a legal ref may be very long', async (t) => {
  const port = await listen(build(t));
  const long = encodeURIComponent('é'.repeat(255));
  const answer = await askRaw(port, target(`acme%2F${long}%2F${long}%2Freg`, long, long));
  t.equal(answer.status, 404);
  t.strictSame(answer.body, { code: '404', message: 'Registry not found' });
  checkContract(t, answer);
});

/** Sends a request and returns all bytes of the answer. */
async function receive(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  await once(socket, 'close');
  return text;
}

t.test('HEAD answers as GET without a body', async (t) => {
  const port = await listen(build(t));
  const rows: [string, number][] = [
    [NGINX, 200],
    [NGINX.replace('1.25.3', '0'), 404],
    ['/nope', 404],
    ['/%ZZ', 400],
    ['/healthz', 200],
  ];
  for (const [url, status] of rows) {
    const get = await askRaw(port, url);
    t.equal(get.status, status, url);
    const lines = [`HEAD ${url} HTTP/1.1`, 'Host: x', `x-api-key: ${KEY}`, 'Connection: close', '', ''];
    const head = await receive(port, lines.join('\r\n'));
    t.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    t.match(head, `content-length: ${get.headers['content-length']}\r\n`);
    t.match(head, 'content-type: application/json\r\n');
    t.match(head, /\r\nx-request-id: .+\r\n/);
    t.equal(head.slice(head.indexOf('\r\n\r\n')), '\r\n\r\n', 'no body');
  }
});

t.test('any other method on a known path is a 405, before keys are checked', async (t) => {
  const port = await listen(build(t));
  const foreign = ['Content-Type: text/nonsense', 'Content-Length: 3', '', 'a\0b'].join('\r\n');
  const paths = [NGINX, `/gateway${NGINX}?x=1`, '/healthz?x', '/openapi.json', '/docs', '/docs/json'];
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE']) {
    for (const url of paths) {
      const [answer] = await sendRaw(port, `${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${foreign}`);
      t.equal(answer?.status, 405, `${method} ${url}`);
      t.equal(answer?.headers.allow, 'GET, HEAD');
      t.strictSame(answer?.body, { code: '405', message: 'Method not allowed' });
      if (answer !== undefined) checkContract(t, answer);
    }
  }
  const admin = await askRaw(port, '/__admin/faults?x', 'PATCH');
  t.equal(admin.status, 405);
  t.equal(admin.headers.allow, 'GET, HEAD, POST, DELETE');
});

t.test('a path that cannot be decoded is a 400, whatever it is', async (t) => {
  const port = await listen(build(t));
  const rows: [target: string, found: string][] = [
    ['/%', '%'],
    ['/%ZZ', '%ZZ'],
    ['/%2', '%2'],
    ['/nope/%FF', '%FF'],
    [target('a/b/+', '%C0%AF', '1'), '%C0%AF'],
    [target('a/b/+', '%ED%A0%80', '1'), '%ED%A0%80'],
    [target('a%2/+', 'x', '1'), '%2/'],
    ['http://localhost/%zz', '%zz'],
    ['/docs/%ZZ', '%ZZ'],
    ['/__admin/%ZZ', '%ZZ'],
  ];
  for (const [url, found] of rows) {
    for (const method of ['GET', 'POST']) {
      const answer = await askRaw(port, url, method);
      t.equal(answer.status, 400, `${method} ${url}`);
      t.strictSame(answer.body, malformed(found));
      checkContract(t, answer);
    }
  }
});

t.test('a query that cannot be decoded is ignored, whatever the path is', async (t) => {
  const port = await listen(build(t));
  for (const query of ['?%', '?artifact_type=%ZZ', '?childVersion=%FF', '?artifact_type=x;childVersion=y']) {
    const found = await askRaw(port, NGINX + query);
    t.equal(found.status, 200, query);
    t.strictSame(found.body, NGINX_BODY);
    const health = await askRaw(port, `/healthz${query}`);
    t.equal(health.status, 200);
    t.strictSame(health.body, { status: 'ok' });
    const nowhere = await askRaw(port, `/nope${query}`);
    t.equal(nowhere.status, 404);
    t.strictSame(nowhere.body, ROUTE_NOT_FOUND);
  }
});

t.test('targets without a route are a 404', async (t) => {
  const port = await listen(build(t));
  const targets = [
    '/har',
    '/har/api/v1/registry',
    '/HAR/api/v1/registry/a/b/+/artifact/c/version/1/details',
    '//har/api/v1/registry/a/b/+/artifact/c/version/1/details',
    '/har/../har/api/v1/registry/a/b/+/artifact/c/version/1/details',
    `${API}/acme/base-images/artifact/alpine/version/3.20.0/details`,
    `${API}/acme/platform/web/images/+/artifact/library/nginx/version/1.25.3/details`,
    `${API}/acme/platform/web/images+/artifact/library/nginx/+/version/1.25.3/details`,
    `${NGINX}/`,
    `${NGINX}#fragment`,
    `${NGINX}%3Fx`,
    NGINX.replace('/artifact/', '/%61rtifact/'),
    NGINX.replace('/har/', '/h%61r/'),
    NGINX.replace('/details', '/Details'),
    `/gateway/gateway${NGINX}`,
    '/healthz/',
    '/Healthz',
    '/openapi',
    '/openapiXjson',
    '/docs/nope',
    '/..%2f..%2fetc/passwd',
    '/__foo',
    '*',
    '/%00',
  ];
  for (const url of targets) {
    const answer = await askRaw(port, url);
    t.equal(answer.status, 404, url);
    t.strictSame(answer.body, ROUTE_NOT_FOUND);
    checkContract(t, answer);
  }
  for (const url of ['/__admin', '/__admin/nope', '/%5f_admin/nope']) {
    const answer = await askRaw(port, url);
    t.equal(answer.status, 404, url);
    t.strictSame(answer.body, ADMIN_ROUTE_NOT_FOUND);
    checkContract(t, answer);
  }
});

t.test('a path that looks like the pattern of a route is a path', async (t) => {
  const port = await listen(build(t));
  for (const url of ['/:a((', '/:a(\\d', '/*/*', '/:a:b(', '/**', '/*', '/:', '/openapiXjson', '/__admin/faults/']) {
    const answer = await askRaw(port, url, 'POST');
    t.equal(answer.status, 404, url);
    t.strictSame(answer.body, url.startsWith('/__admin') ? ADMIN_ROUTE_NOT_FOUND : ROUTE_NOT_FOUND, url);
    checkContract(t, answer);
  }
});

t.test('a body cannot turn a 404 into another error', async (t) => {
  const port = await listen(build(t));
  const lines = ['POST /nope HTTP/1.1', 'Host: x', 'Content-Type: text/nonsense', 'Content-Length: 2', '', '{]'];
  const [answer] = await sendRaw(port, lines.join('\r\n'));
  t.equal(answer?.status, 404);
  t.strictSame(answer?.body, ROUTE_NOT_FOUND);
});

/** Removes the sentence of Node's parser, which differs between versions of Node. */
function withoutParserText(body: unknown): unknown {
  const { details, ...rest } = body as { details?: { field?: string; reason?: string } };
  if (details?.field !== 'request') return body;
  const { reason: _, ...others } = details;
  return { ...rest, details: others };
}

t.test('bytes that the parser refuses are answered with the envelope', async (t) => {
  const port = await listen(build(t));
  const refused = (value: string) => ({
    code: '400',
    message: 'malformed request',
    details: { field: 'request', value },
  });
  const unsupported = { code: '505', message: 'HTTP version not supported', details: { supported: ['1.0', '1.1'] } };
  const chunked =
    'PUT /__admin/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
  const rows: [name: string, bytes: string, status: number, body: unknown][] = [
    [
      'no Host',
      `GET ${NGINX} HTTP/1.1\r\nConnection: close\r\n\r\n`,
      400,
      {
        code: '400',
        message: 'malformed request',
        details: { field: 'Host', value: '', reason: 'an HTTP/1.1 request must have this header' },
      },
    ],
    ['garbage', '\0\x01\x02 nonsense\r\n\r\n', 400, refused('HPE_INVALID_METHOD')],
    ['an unknown method', 'FROB / HTTP/1.1\r\nHost: x\r\n\r\n', 400, refused('HPE_INVALID_METHOD')],
    ['a method in lower case', 'get / HTTP/1.1\r\nHost: x\r\n\r\n', 400, refused('HPE_INVALID_METHOD')],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', 400, refused('HPE_INVALID_CONSTANT')],
    [
      'two lengths',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      refused('HPE_UNEXPECTED_CONTENT_LENGTH'),
    ],
    ['an invalid second chunk of a body', `${chunked}1\r\n{\r\nnonsense\r\n`, 400, refused('HPE_INVALID_CHUNK_SIZE')],
    ['a raw byte', 'GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n', 400, refused('HPE_INVALID_URL')],
    ['bare LF', `GET ${NGINX} HTTP/1.1\nHost: x\nx-api-key: ${KEY}\n\n`, 400, refused('HPE_INVALID_VERSION')],
    ['bare LF in HTTP/1.0', `GET ${NGINX} HTTP/1.0\n\n`, 400, refused('HPE_INVALID_VERSION')],
    ['bare LF after a header', `GET ${NGINX} HTTP/1.1\r\nHost: x\n\r\n`, 400, refused('HPE_CR_EXPECTED')],
    ['no version', 'GET / HTTP/x\r\nHost: x\r\n\r\n', 400, refused('HPE_INVALID_VERSION')],
    ['a TLS handshake', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', 400, refused('HPE_INVALID_METHOD')],
    ['HTTP/9.9', 'GET / HTTP/9.9\r\nHost: x\r\n\r\n', 505, unsupported],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505, unsupported],
  ];
  for (const [name, bytes, status, body] of rows) {
    const [answer] = await sendRaw(port, bytes);
    t.equal(answer?.status, status, name);
    t.strictSame(withoutParserText(answer?.body), body);
    checkContract(t, answer as Answer);
  }
  const alive = await askRaw(port, NGINX);
  t.equal(alive.status, 200, 'the server lives');
  t.strictSame(alive.body, NGINX_BODY);
});

t.test('garbage behind a good request does not replace its answer', async (t) => {
  const port = await listen(build(t));
  const answers = await sendRaw(port, `${GOOD}${GOOD}\0garbage\r\n\r\n`, 3);
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200, 400],
  );
  t.strictSame(answers[1]?.body, NGINX_BODY);
  t.match(answers[2]?.body, { code: '400', message: 'malformed request' });

  const late = await sendRaw(port, 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n\0garbage\r\n\r\n', 2);
  t.strictSame(
    late.map(({ status }) => status),
    [200, 400],
    'nor a slow one',
  );
});

/** Connects and never closes the connection, or closes its own half only; resolves with what came once the server has ended it. */
function connectOpen(t: Test, port: number, bytes: string, endsHalf = false): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      socket.write(bytes);
      if (endsHalf) socket.end();
    });
    t.teardown(() => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('error', () => resolve(received));
    socket.on('end', () => resolve(received));
  });
}

t.test('CONNECT closes the connection without an answer, and the server lives', async (t) => {
  const app = build(t);
  const port = await listen(app);
  t.equal(await connectOpen(t, port, TUNNEL), '');
  for (let count = 0; count < 100; count += 1) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(TUNNEL);
        if (count % 2 === 0) socket.resetAndDestroy();
        else setImmediate(() => socket.resetAndDestroy());
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
  }
  const alive = await askRaw(port, NGINX);
  t.equal(alive.status, 200);
  t.strictSame(alive.body, NGINX_BODY);
});

const withPrefer = (prefer: string) => GOOD.replace('\r\n\r\n', `\r\nPrefer: ${prefer}\r\n\r\n`);

const BUNDLE = 'GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: x\r\n\r\n';

t.test('an answer in front of CONNECT or garbage is sent whole', async (t) => {
  const port = await listen(build(t));
  const alone = await connectOpen(t, port, BUNDLE.replace('Host: x', 'Host: x\r\nConnection: close'));
  const bundle = alone.slice(alone.indexOf('\r\n\r\n'));
  t.ok(bundle.length > 1_000_000);
  for (const before of [BUNDLE, withPrefer('delay=50') + BUNDLE]) {
    t.ok((await connectOpen(t, port, before + TUNNEL)).endsWith(bundle), 'CONNECT');
    t.ok((await connectOpen(t, port, `${before}\0`)).includes(`${bundle}HTTP/1.1 400 Bad Request\r\n`), 'garbage');
  }
});

t.test('a silent connection that is not read, or about to be closed, is closed', async (t) => {
  const app = build(t);
  const port = await listen(app);
  let count = 0;
  app.server.on('request', () => {
    count += 1;
  });
  const stall = withPrefer('fault=stall');
  const half = '/x HTTP/1.1\r\nHo';
  const upload = `${withPrefer(`delay=${MAX_SILENCE + 500}`)}${'x'.repeat(400_000)}`;
  const late = sendRaw(port, upload.replace('\r\n\r\n', '\r\nContent-Length: 400000\r\n\r\n'));
  await Promise.all(
    [stall.repeat(5_000), stall + TUNNEL, `${stall}\0`, `${withPrefer('delay=600000')}GET ${half}`].map(async (bytes) =>
      t.equal(await connectOpen(t, port, bytes, bytes.endsWith(half)), '', bytes.slice(-20)),
    ),
  );
  t.ok(count < 1_000, `of more than 5,000 requests, ${count} were read: Node reads up to 64 KiB at once`);
  const [answer] = await late;
  t.equal(answer?.status, 200, 'a client whose body is not read still waits for its answer');
  t.strictSame(answer?.body, NGINX_BODY);
});

t.test('a connection with more than 100 unanswered requests is read again once some are answered', async (t) => {
  const port = await listen(build(t));
  const answers = await sendRaw(port, withPrefer('delay=1-20').repeat(250), 250);
  t.equal(answers.length, 250);
  for (const { status, body } of answers) {
    t.equal(status, 200);
    t.strictSame(body, NGINX_BODY);
  }
});

t.test('all requests of a connection learn that it has ended', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const wait = 'GET /__admin/journal/wait?count=10000&timeout=600000 HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const requests = [wait, withPrefer('delay=600000'), withPrefer('fault=stall'), wait, BUNDLE];
  const closed: Promise<unknown>[] = [];
  app.server.on('request', (_request, response) => closed.push(once(response, 'close')));
  const socket = connect(port, '127.0.0.1', () => socket.write(requests.join('')));
  while (closed.length < requests.length) await setTimeout(10);
  socket.resetAndDestroy();
  await Promise.all(closed);
  t.equal(closed.length, requests.length);
});
