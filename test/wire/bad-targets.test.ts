import { once } from 'node:events';
import { maxHeaderSize } from 'node:http';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { type Answer, askRaw, build, checkContract, KEY, listen, NGINX, NGINX_BODY, sendRaw } from '../helper.js';

const API = '/har/api/v1/registry';

const malformed = (found: string) => ({
  code: '400',
  message: 'malformed target',
  details: {
    field: 'target',
    value: found,
    reason: 'is not percent-encoded UTF-8; a percent sign itself is written %25',
  },
});

const ROUTE_NOT_FOUND = {
  code: '404',
  message: 'Route not found',
  details: {
    expected: 'GET /har/api/v1/registry/{registry_ref}/artifact/{artifact}/version/{version}/details',
    hint: 'a registry_ref or an artifact that holds slashes ends in /+',
  },
};

t.test('targets that cannot be decoded are 400, wherever they point', async (t) => {
  const port = await listen(build(t));
  const rows: [target: string, found: string][] = [
    ['/%', '%'],
    ['/%ZZ', '%ZZ'],
    ['/%2', '%2'],
    ['/nope/%FF', '%FF'],
    [`${API}/a/b/+/artifact/%C0%AF/version/1/details`, '%C0%AF'],
    [`${API}/a/b/+/artifact/%ED%A0%80/version/1/details`, '%ED%A0%80'],
    [`${API}/a%2/+/artifact/x/version/1/details`, '%2/'],
    [`${NGINX}?artifact_type=%ZZ`, '%ZZ'],
    [`${NGINX}?childVersion=%FF`, '%FF'],
    ['/healthz?%', '%'],
    ['http://localhost/%zz', '%zz'],
  ];
  for (const [target, found] of rows) {
    const answer = await askRaw(port, target);
    t.equal(answer.status, 400, target);
    t.strictSame(answer.body, malformed(found));
    checkContract(t, answer);
  }
});

t.test('targets without a route are 404', async (t) => {
  const port = await listen(build(t));
  const targets = [
    '/',
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
    '/openapi',
    '/..%2f..%2fetc/passwd',
    '*',
    '/%00',
  ];
  for (const target of targets) {
    const answer = await askRaw(port, target);
    t.equal(answer.status, 404, target);
    t.strictSame(answer.body, ROUTE_NOT_FOUND);
    checkContract(t, answer);
  }
});

t.test('a path that looks like a route pattern is a path', async (t) => {
  const port = await listen(build(t));
  for (const target of ['/:a((', '/:a(\\d', '/*/*', '/:a:b(', '/**', '/*', '/:']) {
    const answer = await askRaw(port, target, 'POST');
    t.equal(answer.status, 404, target);
    t.strictSame(answer.body, ROUTE_NOT_FOUND);
  }
});

t.test('a body cannot turn a 404 into another error', async (t) => {
  const port = await listen(build(t));
  const [answer] = await sendRaw(
    port,
    'POST /nope HTTP/1.1\r\nHost: x\r\nContent-Type: text/nonsense\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{]',
  );
  t.equal(answer?.status, 404);
  t.strictSame(answer?.body, ROUTE_NOT_FOUND);
});

t.test('what Node would answer on its own is the envelope, too', async (t) => {
  const port = await listen(build(t));
  const long = 'x'.repeat(maxHeaderSize);
  const parser = (value: string) => ({
    code: '400',
    message: 'malformed request',
    details: { field: 'request', value },
  });
  const rows: [name: string, bytes: string, status: number, body: unknown][] = [
    [
      'no Host',
      `GET ${NGINX} HTTP/1.1\r\nConnection: close\r\n\r\n`,
      400,
      {
        code: '400',
        message: 'malformed request',
        details: { field: 'Host', value: '', reason: 'an HTTP/1.1 request must carry the header' },
      },
    ],
    [
      'unsupported Expect',
      'GET / HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nConnection: close\r\n\r\n',
      417,
      {
        code: '417',
        message: 'Expectation failed',
        details: { field: 'Expect', value: 'magic', reason: 'only 100-continue is supported' },
      },
    ],
    [
      'CONNECT',
      'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
      404,
      {
        code: '404',
        message: 'Route not found',
        details: { field: 'target', value: 'example.com:443', reason: 'this server is not a proxy' },
      },
    ],
    ['garbage', '\0\x01\x02 nonsense\r\n\r\n', 400, parser('HPE_INVALID_METHOD')],
    ['unknown method', 'FROB / HTTP/1.1\r\nHost: x\r\n\r\n', 400, parser('HPE_INVALID_METHOD')],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', 400, parser('HPE_INVALID_CONSTANT')],
    [
      'two lengths',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      parser('HPE_UNEXPECTED_CONTENT_LENGTH'),
    ],
    [
      'a body whose second chunk is none',
      'PUT /__admin/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
        'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nnonsense\r\n',
      400,
      parser('HPE_INVALID_CHUNK_SIZE'),
    ],
    ['a raw byte', 'GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n', 400, parser('HPE_INVALID_URL')],
    [
      'HTTP/9.9',
      'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
      505,
      { code: '505', message: 'HTTP version not supported', details: { supported: ['1.0', '1.1'] } },
    ],
    [
      'over-long target',
      `GET /${long} HTTP/1.1\r\nHost: x\r\n\r\n`,
      414,
      { code: '414', message: 'Target too long', details: { limit: maxHeaderSize } },
    ],
    [
      'over-long header',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${long}\r\n\r\n`,
      431,
      { code: '431', message: 'Request header fields too large', details: { limit: maxHeaderSize } },
    ],
  ];
  for (const [name, bytes, status, body] of rows) {
    const [answer] = await sendRaw(port, bytes);
    t.equal(answer?.status, status, name);
    t.strictSame(withoutParserWords(answer?.body), body);
    checkContract(t, answer as Answer);
  }
  const alive = await askRaw(port, NGINX);
  t.equal(alive.status, 200, 'the process lives');
  t.strictSame(alive.body, NGINX_BODY);
});

t.test('a client that wants a tunnel and is gone does not end the process', async (t) => {
  const port = await listen(build(t));
  for (let count = 0; count < 100; count += 1) {
    await new Promise<void>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n');
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

const TUNNEL = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n';

/** Connects and never closes by itself; resolves with what came once the server has ended the connection. */
function connectOpen(t: Test, port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.write(bytes));
    t.teardown(() => socket.destroy());
    socket.on('data', (piece) => {
      received += piece;
      socket.write('more');
    });
    socket.on('error', () => {});
    socket.on('end', () => resolve(received));
  });
}

t.test('a client that wants a tunnel and stays is closed once it is answered', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const answered = connectOpen(t, port, TUNNEL);
  const [served] = await once(app.server, 'connection');
  await once(served, 'close');
  t.match(await answered, /^HTTP\/1\.1 404 /);
});

t.test('a client that wants a tunnel behind an answer that is due does not hold up a close', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const head = ['Host: x', `x-api-key: ${KEY}`, 'Prefer: fault=stall', '', ''].join('\r\n');
  const closed = connectOpen(t, port, `GET ${NGINX} HTTP/1.1\r\n${head}${TUNNEL}`);
  await once(app.server, 'connect');
  await app.close();
  t.equal(await closed, '');
});

t.test('garbage behind a good request does not take its answer', async (t) => {
  const port = await listen(build(t));
  const good = `GET ${NGINX} HTTP/1.1\r\nHost: x\r\nx-api-key: ${KEY}\r\n\r\n`;
  const answers = await sendRaw(port, `${good}${good}\0garbage\r\n\r\n`, 3);
  t.strictSame(
    answers.map(({ status }) => status),
    [200, 200, 400],
  );
  t.strictSame(answers[1]?.body, NGINX_BODY);
  t.match(answers[2]?.body, { code: '400', message: 'malformed request' });

  const refused = await sendRaw(port, `${good}${good}${TUNNEL}`, 3);
  t.strictSame(
    refused.map(({ status }) => status),
    [200, 200, 404],
    'nor does a wish for a tunnel',
  );

  const late = await sendRaw(port, 'GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n\0garbage\r\n\r\n', 2);
  t.strictSame(
    late.map(({ status }) => status),
    [200, 400],
    'nor one that takes its time',
  );
});

t.test('a legal ref may be very long', async (t) => {
  const port = await listen(build(t));
  const long = encodeURIComponent('é'.repeat(255));
  const answer = await askRaw(port, `${API}/acme%2F${long}%2F${long}%2Freg/artifact/${long}/version/${long}/details`);
  t.equal(answer.status, 404);
  t.strictSame(answer.body, { code: '404', message: 'Registry not found' });
});

/** Takes out the sentence that Node's parser gives, which differs from one Node to the next. */
function withoutParserWords(body: unknown): unknown {
  const { details, ...rest } = body as { details: { field: string; reason?: string } };
  if (details.field !== 'request' || !details.reason?.startsWith('Parse Error: ')) return body;
  const { reason: _, ...others } = details;
  return { ...rest, details: others };
}
