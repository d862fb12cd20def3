import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Value } from '@sinclair/typebox/value';
import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { operations } from '../../src/admin/operations.js';
import { ErrorSchema } from '../../src/api/schema.js';
import { createRequestLog } from '../../src/journal/log.js';
import { FixtureError } from '../../src/seed/document.js';
import { ask, askRaw, build, KEY, listen, makeControl, NGINX, NGINX_BODY, seedStore } from '../helper.js';

/** The largest YAML body, in characters. */
const MAX_YAML = 262_144;

/** What grows with the square of a body or faster takes minutes. In milliseconds. */
const timeout = 30_000;

/** Sends a request to the admin API. An error must be the contract's envelope. */
async function admin(t: Test, app: FastifyInstance, method: string, path: string, payload?: string, type = 'json') {
  const response = await app.inject({
    method: method as 'GET',
    url: `/__admin${path}`,
    headers: { host: 'localhost', ...(payload !== undefined && { 'content-type': `application/${type}` }) },
    ...(payload !== undefined && { payload }),
  });
  const isJson = response.headers['content-type'] === 'application/json';
  const answer = { status: response.statusCode, body: isJson ? response.json() : undefined };
  if (answer.status >= 400) {
    t.strictSame([...Value.Errors(ErrorSchema, answer.body)], [], 'fits the contract');
    t.equal(answer.body.code, String(answer.status), 'carries its status');
  }
  return answer;
}

/** Merges an invalid fixture; the answer must be a 400 whose first problem has a reason. */
async function refuse(t: Test, app: FastifyInstance, body: string, type: string, reason: RegExp) {
  const answer = await admin(t, app, 'PUT', '/fixtures', body, type);
  t.equal(answer.status, 400);
  const { message, details } = answer.body;
  t.equal(message, 'invalid fixture');
  t.match(details.problems[0].reason, reason);
}

/** Repeats a piece up to a length in characters. */
const fill = (piece: (index: number) => string, length = MAX_YAML / 8) => {
  let text = '';
  for (let index = 0; text.length + 20 < length; index += 1) text += piece(index);
  return text;
};

/** A document with one version, which has the given JSON members. */
const versionWith = (members: string) =>
  `{"registries":[{"ref":"acme/x","packageType":"DOCKER","artifacts":[{"name":"x","versions":[{"version":"1",${members}}]}]}]}`;

/** Ten levels of which each uses the one before. */
const levels = (first: string, next: (last: string) => string) =>
  [...'bcdefghij'].reduce(
    (text, name, index) => `${text}\n${name}: &${name} ${next('abcdefghij'[index] as string)}`,
    first,
  );

const YAML: [name: string, body: string, reason: RegExp][] = [
  ['a mapping with many keys', `{${fill((index) => `k${index},`)}}`, /^k0: unknown key/],
  ['a mapping with many keys, the last one twice', `{${fill((index) => `k${index},`, MAX_YAML)}k7}`, /must be unique$/],
  ['keys of keys of keys', '? '.repeat(60), /A key must be a text$/],
  ['a key that is a list', '? [a]\n: b\n', /A key must be a text$/],
  ['a key that is an alias', 'a: &a b\n*a : c\n', /^a: unknown key/],
  ['lists in lists', '['.repeat(MAX_YAML), /^is nested too deeply$/],
  ['mappings in mappings', '{a: '.repeat(MAX_YAML / 4), /^is nested too deeply$/],
  ['blocks in blocks', '- '.repeat(MAX_YAML / 2), /^is nested too deeply$/],
  ['a billion laughs', levels('a: &a [lol]', (last) => `[${Array(9).fill(`*${last}`)}]`), /Excessive alias count/],
  ['a billion merges', levels('a: &a {x: 1}', (last) => `{<<: [${Array(9).fill(`*${last}`)}]}`), /^a: unknown key "a"/],
  ['an alias many times', `[&a x,${fill(() => '*a,')}]`, /^found a list, expected/],
  ['many anchors, each with its alias', `[${fill((index) => `&a${index} x,*a${index},`)}]`, /^found a list, expected/],
  ['many documents', fill(() => '---\n'), /multiple documents$/],
  ['many directives', fill(() => '%a\n'), /^is not YAML: /],
  ['many tags', `[${fill(() => '!!x a,')}]`, /^found a list, expected/],
  ['a merge key', `registries: []\n<<: { packages: [] }\n`, /^packages: unknown key "packages"/],
];

t.test('YAML that grows without bound is refused', async (t) => {
  const app = build(t);
  for (const [name, body, reason] of YAML) {
    await t.test(name, { timeout }, (t) => refuse(t, app, body, 'yaml', reason));
  }
  t.strictSame((await ask(t, app, NGINX)).body, NGINX_BODY, 'and the data is served as before');
});

const MANY = 1_000_000;

const JSONS: [name: string, body: string, reason: RegExp][] = [
  ['nesting', versionWith(`"extra":${'{"a":'.repeat(MANY / 4)}1${'}'.repeat(MANY / 4)}`), /^is nested too deeply$/],
  ['a ref with many parts', versionWith('"x":1').replace('acme/x', `${'a/'.repeat(MANY)}x`), /\.ref: found "a\/a\//],
  ['a ref with many words', versionWith('"x":1').replace('acme/x', `a/${'a-'.repeat(MANY)}`), /\.ref: found "a\/a-a-/],
  [
    'a ref that is almost valid',
    versionWith('"x":1').replace('acme/x', `a/${'a'.repeat(MANY)}!`),
    /\.ref: found "a\/a/,
  ],
  ['a grant', `{"apiKeys":[{"key":"k","name":"n","grants":["${'a/'.repeat(MANY)}"]}]}`, /grants\[0\]: found "a\/a\//],
  ['a key', `{"apiKeys":[{"key":"a${' '.repeat(MANY)}","name":"n","grants":[]}]}`, /\.key: found another value/],
  ['a time', versionWith(`"createdAt":"${'1'.repeat(MANY)}x"`), /createdAt: found "1111/],
  ['an unknown key', versionWith(`"${'sise'.repeat(MANY / 4)}":1`), /: unknown key/],
  ['many unknown keys', `{${Array.from({ length: 50_000 }, (_, index) => `"k${index}":1`)}}`, /^k0: unknown key/],
  [
    'many children, the last one twice',
    versionWith(`"children":[${Array.from({ length: 50_000 }, (_, index) => `{"version":"${index % 49_999}"}`)}]`),
    /children\[49999\]: child 0 is already children\[0\]$/,
  ],
];

t.test('JSON that would exhaust a pattern or the stack is refused', async (t) => {
  const app = build(t);
  for (const [name, body, reason] of JSONS) {
    await t.test(name, { timeout }, (t) => refuse(t, app, body, 'json', reason));
  }
  t.strictSame((await ask(t, app, NGINX)).body, NGINX_BODY, 'and the data is served as before');
});

t.test('a body beyond its limit is refused', async (t) => {
  const app = build(t);
  const rows = [
    ['PUT', '/fixtures', 10_485_760],
    ['POST', '/faults', 262_144],
    ['POST', '/verify', 262_144],
  ] as const;
  for (const [method, path, limit] of rows) {
    const { status, body } = await admin(t, app, method, path, ' '.repeat(limit + 1));
    t.equal(status, 413, path);
    const details = { limit, reason: `the body is larger than ${limit} bytes` };
    t.strictSame(body, { code: '413', message: 'Body too large', details });
  }
});

t.test('the time of a glob is at most the product of both lengths', { timeout }, async (t) => {
  const app = build(t);
  const target = `/${'a'.repeat(15_000)}`;
  for (let sent = 0; sent < 2; sent += 1) t.equal((await ask(t, app, target)).status, 404);
  for (const glob of [`${'a*'.repeat(120)}b`, `*${'a'.repeat(250)}b`, '*a'.repeat(120)]) {
    const answer = await admin(t, app, 'GET', `/journal/count?target=${encodeURIComponent(`*${glob}`)}`);
    t.equal(answer.status, 200);
    t.strictSame(answer.body, { count: glob.endsWith('b') ? 0 : 2 });
  }
});

const EVIL = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';

/** Fails the test if objects inherit something that was sent. */
function checkPrototypes(t: Test): void {
  t.equal(({} as { polluted?: number }).polluted, undefined);
  t.notOk(['polluted', 'fault', 'registries'].some((name) => name in Object.prototype || name in Array.prototype));
}

t.test('fixtures do not change prototypes; such names are data', async (t) => {
  const json = versionWith(`"extra":${EVIL}`);
  const line = `{"registry":"acme/x","packageType":"DOCKER","artifact":"x","version":"1","extra":${EVIL}}\n`;
  for (const folder of [{ 'a.yaml': `# YAML\n${json}` }, { 'a.json': json }, { 'a.ndjson': line }]) {
    await t.test(Object.keys(folder)[0] as string, async (t) => {
      const app = build(t, { store: seedStore(t, [t.testdir(folder)]), auth: 'off' });
      const answer = await ask(t, app, '/har/api/v1/registry/acme/x/+/artifact/x/version/1/details');
      t.equal(answer.status, 200);
      const data = '"version":"1","packageType":"DOCKER","name":"x","isQuarantined":false';
      t.equal(answer.text, `{"status":"SUCCESS","data":{${data},${EVIL.slice(1)}}`);
      checkPrototypes(t);
    });
  }
});

t.test('bodies and queries do not change prototypes', async (t) => {
  const app = build(t);
  const rule = `{"fault":{"code":500,"details":${EVIL}},"times":1}`;
  t.equal((await admin(t, app, 'POST', '/faults', rule)).status, 201);
  const answer = await ask(t, app, NGINX);
  t.equal(answer.status, 500);
  t.equal(answer.text, `{"code":"500","message":"Internal server error","details":${EVIL}}`, 'such names are data');
  checkPrototypes(t);

  const queries = ['__proto__=1', '__proto__[polluted]=1', 'constructor[prototype][polluted]=1', 'a.__proto__.x=1'];
  const bodies = [EVIL, `{"match":${EVIL}}`, `{"registries":${EVIL}}`, `{"requests":[{"match":${EVIL}}]}`];
  for (const { method, url } of Object.values(operations)) {
    const path = url.slice('/__admin'.length).replace(':id', '__proto__');
    for (const query of queries) {
      const { status } = await admin(t, app, method, `${path}?${query}`);
      t.ok([200, 204, 400, 409].includes(status), `${method} ${path}?${query}: ${status}`);
    }
    if (method !== 'POST' && method !== 'PUT') continue;
    for (const body of bodies) {
      const { status } = await admin(t, app, method, path, body);
      t.equal(status, path === '/reset' ? 204 : 400, `${method} ${path} ${body}`);
    }
  }
  const found = await ask(t, app, `${NGINX}?${queries.join('&')}`);
  t.equal(found.status, 200);
  t.strictSame(found.body, NGINX_BODY);
  const { body } = await admin(t, app, 'GET', '/journal?status=200');
  t.equal(JSON.stringify(body).includes('"__proto__":"1"'), true, 'the journal has such a parameter');
  checkPrototypes(t);
});

/** Sends a request over a socket, and returns the lines of the answer's head as they came. */
function readHead(port: number, headers: string[]): Promise<string[]> {
  const lines = [`GET ${NGINX} HTTP/1.1`, 'Host: x', 'Connection: close', `x-api-key: ${KEY}`, ...headers, '', ''];
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(lines.join('\r\n'), 'latin1'));
    socket.setEncoding('latin1').on('data', (text) => {
      received += text;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve((received.split('\r\n\r\n')[0] as string).split('\r\n')));
  });
}

t.test('no text of a fixture or a request becomes a header, except a request id of visible ASCII', async (t) => {
  const app = build(t);
  const port = await listen(app);
  const forged = 'x\r\nSet-Cookie: forged=1\r\n\r\n';
  const fault = { code: 503, message: forged, details: { [forged]: forged }, retryAfter: 7 };
  t.equal((await admin(t, app, 'POST', '/faults', JSON.stringify({ fault }))).status, 201);
  const names = [
    'x-request-id',
    'vary',
    'retry-after',
    'preference-applied',
    'content-type',
    'content-length',
    'date',
    'connection',
  ];
  const rows = [
    'Prefer: x=1',
    'Prefer: code="500", x="\\r\\nSet-Cookie: forged=1"',
    'Prefer: code=500; a="%0d%0aSet-Cookie: b"',
    `X-Request-Id: ${'x'.repeat(129)}`,
    'X-Request-Id: a b',
    'X-Request-Id: a\tb',
    'X-Request-Id: caf\xe9',
  ];
  for (const header of rows) {
    const [status, ...lines] = await readHead(port, [header]);
    t.match(status, /^HTTP\/1\.1 50[03] /, header);
    const found = lines.map((line) => line.split(': ')[0]?.toLowerCase() as string);
    t.strictSame(
      found.filter((name) => !names.includes(name)),
      [],
    );
    t.match(lines.join('\n'), /^x-request-id: [0-9a-f]{6}-[0-9a-z]+$/m);
  }
});

/** A stream that keeps its text. */
class Output extends Writable {
  text = '';

  constructor(readonly isTTY = false) {
    super();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }

  /** Resolves with the text once it matches. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) await sleep(10);
    return this.text;
  }
}

/** Builds an app that logs its requests to an output. */
function serveWithLog(t: Test, output: Output): FastifyInstance {
  const store = seedStore(t);
  return build(t, { store, control: makeControl(store, { logRequest: createRequestLog('on', output) }) });
}

t.test('no request forges a line of the log', async (t) => {
  const output = new Output();
  const port = await listen(serveWithLog(t, output));
  const forged = '%0a%7b%22level%22:60%7d%1b[31m';
  for (const target of [`/${forged}`, `${NGINX}?${forged}`, '/\x1b[31m', '/a\u2028b', `/har/${forged}`]) {
    const { status } = await askRaw(port, target, 'GET', ['Referer: "}\t{"level":60}']);
    t.ok([200, 400, 404].includes(status), `${status} ${encodeURI(target)}`);
  }
  const text = await output.until(/(?:"msg":"request".*){3}/s);
  for (const line of text.trimEnd().split('\n')) t.ok(JSON.parse(line).level < 60, line);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no control character may be logged
  t.notMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

t.test('no request steers a terminal', async (t) => {
  const output = new Output(true);
  const port = await listen(serveWithLog(t, output));
  for (const target of ['/\x1b[2J', '/\x9b2J', '/%1b[2J']) {
    const { status } = await askRaw(port, target);
    t.ok([400, 404].includes(status), `${status} ${encodeURI(target)}`);
  }
  const text = await output.until(/%1b\[2J/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: only the logger's own colors may be there
  t.notMatch(text.replace(/\x1b\[\d+m/g, ''), /[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
});

t.test('no fixture steers a terminal or forges a line of a message', async (t) => {
  const evil = '"x\\e[2J\\nINFO: all is well\\x9b1m\\u202e"';
  const version = `{ version: ${evil} }`;
  const rows = [
    `${evil}: 1\n`,
    `registries:\n  - { ref: ${evil}, packageType: ${evil} }\n`,
    `registries:\n  - { ref: a/b, packageType: GO, artifacts: [{ name: ${evil}, versions: [${version}, ${version}] }] }\n`,
    `apiKeys:\n  - { key: a, name: ${evil}, grants: [] }\n  - { key: b, name: ${evil}, grants: [] }\n`,
    'registries: *x\x1b[2J\n',
    'registries: [\x1b[2J\n',
  ];
  const folder = t.testdir(Object.fromEntries(rows.map((content, index) => [`${index}.yaml`, content])));
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    const lines = messageOf(() => seedStore(t, [file])).split('\n');
    for (const line of lines) {
      t.ok(line.startsWith(`${file}:`), line);
      t.match(line.slice(file.length), /^:\d+:\d+: [^\p{Cc}\p{Bidi_Control}]+$/u);
    }
    if (name === '0.yaml') t.match(lines[0], 'x\\u001b[2J\\nINFO: all is well\\u009b1m\\u202e');
  }
});

/** Returns the message of the FixtureError that a function throws. */
function messageOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof FixtureError) return error.message;
    throw error;
  }
  throw new Error('nothing is refused');
}

t.test('no target leads out of the pages, and a name is not a path', async (t) => {
  const port = await listen(build(t));
  const ups = ['..', '%2e%2e', '.%2e', '%252e%252e', '..%00', '..\\', '%2e%2e%5c'];
  const files = ['etc/passwd', 'package.json', 'work/package.json'];
  for (const below of ['/docs', '/docs/static', '/__admin/docs', '/__admin/docs/static']) {
    for (const up of ups) {
      for (const slash of ['/', '%2f', '//', '%252f']) {
        const targets = files.map(
          (file) => `${below}/${Array(6).fill(up).join(slash)}${slash}${file.replace('/', slash)}`,
        );
        const answers = await Promise.all(targets.map((target) => askRaw(port, target)));
        for (const [index, { status, body }] of answers.entries()) {
          t.ok([400, 403, 404].includes(status), `${status} ${targets[index]}`);
          t.strictSame([...Value.Errors(ErrorSchema, body)], []);
        }
      }
    }
  }
  for (const name of ['..%2f..%2fpackage.json', '%2e%2e', '%2fetc%2fpasswd']) {
    const target = `/har/api/v1/registry/acme/pypi/+/artifact/${name}/version/${name}/details`;
    const { status, body } = await askRaw(port, target);
    t.equal(status, 404, name);
    t.strictSame(body, { code: '404', message: 'Artifact not found' });
  }
});

t.test('the threat model names existing tests, and these', async (t) => {
  const root = join(__dirname, '../..');
  const model = readFileSync(join(root, 'SECURITY.md'), 'utf8');
  const named = [...model.matchAll(/\btest\/[\w/.-]+\.(?:ts|sh)/g)].map(([file]) => file);
  for (const file of named) t.ok(existsSync(join(root, file)), file);
  for (const name of readdirSync(__dirname)) t.ok(named.includes(`test/security/${name}`), name);
});
