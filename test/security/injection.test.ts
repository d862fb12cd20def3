import { connect } from 'node:net';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { operations } from '../../src/admin/operations.js';
import { createLogger } from '../../src/log.js';
import { control } from '../admin/support.js';
import { Collector } from '../commands/run.js';
import { accept, bulkLine, refuse, yamlVersion } from '../fixtures/support.js';
import { ask, askRaw, build, KEY, listen, NGINX, NGINX_BODY, seedStore } from '../helper.js';
import { pollUntil } from '../process/run.js';

const lookUp = { registryRef: 'acme/images', artifact: 'app', version: '1' };

const EVIL = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';

/** Fails the test where something has got into what every object inherits. */
function checkPrototypes(t: Test): void {
  t.equal(({} as { polluted?: number }).polluted, undefined);
  t.notOk(['polluted', 'fault', 'registries'].some((name) => name in Object.prototype || name in Array.prototype));
}

t.test('fixtures do not get into prototypes, and serve such names as data', async (t) => {
  const json = `{"registries":[{"ref":"acme/images","packageType":"DOCKER","artifacts":[{"name":"app","versions":[{"version":"1","extra":${EVIL}}]}]}]}`;
  const line = bulkLine({ extra: 0 }).replace('"extra":0', `"extra":${EVIL}`);
  for (const folder of [{ 'a.yaml': yamlVersion(`extra: ${EVIL}`) }, { 'a.json': json }, { 'a.ndjson': line }]) {
    await t.test(Object.keys(folder)[0] as string, async (t) => {
      t.equal(accept(t, folder).findDetails(lookUp).extra, EVIL);
      checkPrototypes(t);
    });
  }
});

t.test('bodies and queries do not get into prototypes', async (t) => {
  const app = build(t);
  const fault = `{"fault":{"code":500,"details":${EVIL}},"times":1}`;
  t.equal((await control(t, app, 'POST', '/faults', { body: fault })).status, 201);
  const answer = await ask(t, app, NGINX);
  t.equal(answer.status, 500);
  t.equal(answer.text, `{"code":"500","message":"Internal server error","details":${EVIL}}`, 'data again');
  checkPrototypes(t);

  for (const { method, url } of Object.values(operations)) {
    const path = url.slice('/__admin'.length).replace(':id', '__proto__');
    for (const query of [
      '__proto__=1',
      '__proto__[polluted]=1',
      'constructor[prototype][polluted]=1',
      'a.__proto__.polluted=1',
    ]) {
      const { status } = await control(t, app, method, `${path}?${query}`);
      t.ok([200, 204, 400, 409].includes(status), `${method} ${path}?${query}: ${status}`);
    }
    if (method !== 'POST' && method !== 'PUT') continue;
    for (const body of [EVIL, `{"match":${EVIL}}`, `{"registries":${EVIL}}`, `{"requests":[{"match":${EVIL}}]}`]) {
      const { status } = await control(t, app, method, path, { body });
      t.equal(status, path === '/reset' ? 204 : 400, `${method} ${path} ${body}`);
    }
  }
  checkPrototypes(t);
  t.strictSame((await ask(t, app, NGINX)).body, NGINX_BODY);
});

/** Asks over a socket, and returns the lines of the answer's head as they came. */
function readHead(port: number, headers: string[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(
        [`GET ${NGINX} HTTP/1.1`, 'Host: x', 'Connection: close', `x-api-key: ${KEY}`, ...headers, '', ''].join('\r\n'),
      ),
    );
    socket.setEncoding('latin1').on('data', (text) => {
      received += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve((received.split('\r\n\r\n')[0] as string).split('\r\n')));
  });
}

t.test('nothing that a fixture or a request says becomes a header', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const forged = 'x\r\nSet-Cookie: forged=1\r\n\r\n';
  const fault = { code: 503, message: forged, details: { [forged]: forged }, retryAfter: 7 };
  t.equal((await control(t, app, 'POST', '/faults', { body: { fault } })).status, 201);
  const names = ['vary', 'retry-after', 'preference-applied', 'content-type', 'content-length', 'date', 'connection'];
  for (const prefer of ['x=1', 'code="500", x="\\r\\nSet-Cookie: forged=1"', 'code=500; a="%0d%0aSet-Cookie: b"']) {
    const [status, ...lines] = await readHead(port, [`Prefer: ${prefer}`]);
    t.match(status, /^HTTP\/1\.1 50[03] /);
    for (const line of lines) t.ok(names.includes((line.split(':')[0] as string).toLowerCase()), line);
  }
});

t.test('nothing that a request says forges a line of the log', async (t) => {
  const stream = new Collector();
  const port = await listen(build(t, { logger: pino({ level: 'trace' }, stream) }));
  const forged = '%0a%7b%22level%22:60%7d%1b[31m';
  for (const target of [`/${forged}`, `${NGINX}?${forged}`, '/\x1b[31m', '/a\u2028b', `/har/${forged}`]) {
    const answer = await askRaw(port, target, 'GET', ['Referer: "}\t{"level":60}']).catch(() => undefined);
    t.not(answer?.status, 500);
  }
  const text = await pollUntil(
    async () => stream.text,
    (written) => written.split('request completed').length > 3,
  );
  const lines = text.trimEnd().split('\n');
  for (const line of lines) t.ok(JSON.parse(line).level < 60, line);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
  t.notMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

t.test('nothing that a request says steers a terminal', async (t) => {
  const stream = Object.assign(new Collector(), { isTTY: true });
  const port = await listen(build(t, { logger: await createLogger('trace', stream) }));
  for (const target of ['/%1b[2J', '/\x1b[2J', '/\x9b2J']) await askRaw(port, target).catch(() => undefined);
  const text = await pollUntil(
    async () => stream.text,
    (written) => written.includes('%1b[2J'),
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the logger's own colours are all that may be there
  t.notMatch(text.replace(/\x1b\[\d+m/g, ''), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

t.test('nothing that a fixture says steers a terminal or forges a line', async (t) => {
  const evil = '"x\\e[2J\\nINFO: all is well\\x9b1m\\u202e"';
  const version = `{ version: ${evil} }`;
  const rows = [
    `${evil}: 1\n`,
    `registries:\n  - { ref: ${evil}, packageType: ${evil} }\n`,
    `registries:\n  - { ref: a/b, packageType: GO, artifacts: [{ name: ${evil}, versions: [${version}, ${version}] }] }\n`,
    `apiKeys:\n  - { key: a, name: ${evil}, grants: [] }\n  - { key: b, name: ${evil}, grants: [] }\n`,
    `registries: *x\x1b[2J\n`,
    `registries: [\x1b[2J\n`,
  ];
  for (const content of rows) {
    const message = refuse(t, { 'a.yaml': content });
    for (const line of message.split('\n')) t.match(line, /^a\.yaml:\d+:\d+: [^\p{Cc}\p{Bidi_Control}]+$/u);
  }
  t.match(refuse(t, { 'a.yaml': rows[0] as string }), 'x\\u001b[2J\\u000aINFO: all is well\\u009b1m\\u202e');
});

t.test('no target leads out of the pages, and a name is no path', async (t) => {
  const port = await listen(build(t, { store: seedStore(t, ['fixtures']) }));
  const ups = ['..', '%2e%2e', '.%2e', '%252e%252e', '..%00', '..\\', '%2e%2e%5c'];
  for (const below of ['/docs', '/docs/static', '/__admin/docs', '/__admin/docs/static']) {
    for (const up of ups) {
      for (const slash of ['/', '%2f', '//', '%252f']) {
        const target = `${below}/${Array(6).fill(up).join(slash)}${slash}`;
        for (const file of ['etc/passwd', 'package.json', 'work/package.json']) {
          const { status, text } = await askRaw(port, target + file.replace('/', slash));
          t.ok([400, 403, 404].includes(status), `${status} ${target}${file}`);
          t.notMatch(text, /root:|"dependencies"/);
        }
      }
    }
  }
  for (const name of ['..%2f..%2fpackage.json', '%2e%2e', '%2fetc%2fpasswd']) {
    const { status } = await askRaw(port, `/har/api/v1/registry/acme/pypi/+/artifact/${name}/version/${name}/details`);
    t.equal(status, 404, name);
  }
});
