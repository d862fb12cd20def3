import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { operations } from '../../src/admin/operations.js';
import { main } from '../../src/commands/main.js';
import { formatBanner } from '../../src/commands/serve.js';
import { createLogger } from '../../src/journal/log.js';
import { startServer } from '../../src/server.js';
import { BUNDLED_FIXTURES } from '../../src/util/package.js';
import { configure, NGINX } from '../helper.js';

/** Texts that must not appear anywhere. Letters and digits, so that no encoding hides half of one. */
const SECRETS = {
  good: 'Kg7wQz2NvX4pRt9JbLm3',
  revoked: 'Hd5yTc8WkP1sFn6VqGx0',
  expired: 'Zr3uBj9MeY7hLa2CwDo4',
  merged: 'Px8iSn4QvF6gUk1TzRb5',
  refused: 'Wm2oJl7XcE9dHy3NaVf6',
  unknown: 'Tq6aGr1KuB5zMi8PsCj9',
  bearer: 'Ln4eVx9DfS2wQo7YhZk1',
  token: 'Yb1cMf5RgT8jUe3XpWn7',
  wrongToken: 'Ja9kDs6ZhV3xIt2LqBo8',
} as const;

type Form = [name: string, form: string, inAnyCase?: boolean];

/** The forms in which a text of ASCII letters and digits may appear. */
function formsOf(text: string): Form[] {
  const half = Math.ceil(text.length / 2);
  const escaped = (prefix: string) => [...text].map((char) => prefix + char.charCodeAt(0).toString(16)).join('');
  return [
    ['verbatim', text, true],
    ['its first half', text.slice(0, half), true],
    ['its second half', text.slice(half), true],
    ['in Base64', base64(text, 0)],
    ['in Base64, one byte later', base64(text, 1)],
    ['in Base64, two bytes later', base64(text, 2)],
    ['percent-encoded', escaped('%'), true],
    ['as JSON escapes', escaped('\\u00'), true],
    ['in hex', escaped(''), true],
    ['in UTF-16', [...text].join('\0')],
  ];
}

/** The part of a text's Base64 that does not depend on the bytes around it. */
function base64(text: string, offset: number): string {
  const encoded = Buffer.from('\0'.repeat(offset) + text).toString('base64');
  return encoded.slice(offset === 0 ? 0 : offset + 1, Math.floor(((offset + text.length) * 8) / 6));
}

const FORMS = Object.fromEntries(Object.values(SECRETS).map((secret) => [secret, formsOf(secret)]));

/** Lists the forms in which a secret appears in bytes. */
function findForms(bytes: Buffer | string, secret: string): string[] {
  const haystack = Buffer.from(bytes).toString('latin1');
  const lower = haystack.toLowerCase();
  const found = (FORMS[secret] as Form[]).filter(([, form, inAnyCase]) =>
    inAnyCase ? lower.includes(form.toLowerCase()) : haystack.includes(form),
  );
  return found.map(([name]) => name);
}

t.test('the search finds a secret in every form, and nothing in a text without it', async (t) => {
  const bytes = Buffer.from(SECRETS.good);
  const rows: Record<string, string | Buffer> = {
    verbatim: `key ${SECRETS.good}.`,
    'its first half': `${SECRETS.good.slice(0, 12)}…`,
    'its second half': `…${SECRETS.good.slice(-10)}`,
    'in Base64': Buffer.concat([Buffer.from('abc'), bytes, bytes]).toString('base64'),
    'in Base64, one byte later': Buffer.concat([Buffer.from('a'), bytes, bytes]).toString('base64url'),
    'in Base64, two bytes later': Buffer.concat([Buffer.from('ab'), bytes, bytes]).toString('base64'),
    'percent-encoded': [...bytes].map((byte) => `%${byte.toString(16)}`).join(''),
    'as JSON escapes': [...bytes].map((byte) => `\\u00${byte.toString(16).toUpperCase()}`).join(''),
    'in hex': bytes.toString('hex').toUpperCase(),
    'in UTF-16': Buffer.from(SECRETS.good, 'utf16le'),
  };
  t.strictSame(
    Object.keys(rows),
    formsOf(SECRETS.good).map(([name]) => name),
  );
  for (const [form, text] of Object.entries(rows)) {
    t.ok(findForms(text, SECRETS.good).includes(form), form);
    t.strictSame(findForms(text, SECRETS.unknown), [], form);
  }
});

/** Fails the test if a secret appears in an output. */
function checkSilence(t: Test, what: string, output: Buffer | string): void {
  const found = Object.entries(SECRETS).flatMap(([name, secret]) =>
    findForms(output, secret).map((form) => `${name}, ${form}`),
  );
  t.strictSame(found, [], what);
}

/** Sends bytes, and returns all that comes until the server closes the connection. */
function exchange(port: number, sent: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(sent));
    socket.on('data', (chunk) => chunks.push(chunk));
    // Some faults are a reset.
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks)));
  });
}

const request = (line: string, headers: string[], body = '', version = 'HTTP/1.1') =>
  [
    `${line} ${version}`,
    'Host: localhost',
    'Connection: close',
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    ...headers,
    '',
    body,
  ].join('\r\n');

const key = (name: 'good' | 'revoked' | 'expired' | 'unknown' | 'merged') => `x-api-key: ${SECRETS[name]}`;

const apiKey = (secret: string, more: object = {}) => ({ key: secret, name: 'named', grants: ['acme'], ...more });

const FIXTURE = {
  apiKeys: [
    apiKey(SECRETS.good, { name: 'canary' }),
    apiKey(SECRETS.revoked, { name: 'canary-revoked', revoked: true }),
    apiKey(SECRETS.expired, { name: 'canary-expired', expiresAt: '2020-01-01' }),
  ],
};

/** Requests of the API of all kinds, with keys of all kinds: a name, and the bytes. */
function* apiRequests(): Generator<[string, string]> {
  const targets = [
    NGINX,
    NGINX.replace('nginx', 'nope'),
    NGINX.replace('nginx', '%ZZ'),
    NGINX.replace('acme/', 'other/'),
    `${NGINX}?artifact_type=`,
    '/nowhere',
    '/docs',
    '/docs/nope',
    '/openapi.json',
    '/readyz',
  ];
  const preferences = [
    'code=503',
    'code=1',
    'status=ERROR',
    'delay=1',
    'fault=empty',
    'fault=truncated',
    'fault=garbage',
  ];
  for (const name of ['good', 'revoked', 'expired', 'unknown'] as const) {
    for (const target of targets) yield [`${name} ${target}`, request(`GET ${target}`, [key(name)])];
    for (const prefer of preferences) {
      yield [`${prefer}, ${name}`, request(`GET ${NGINX}`, [key(name), `Prefer: ${prefer}`])];
    }
    yield [`POST, ${name}`, request(`POST ${NGINX}`, [key(name)])];
    yield [`a key with a NUL, ${name}`, request(`GET ${NGINX}`, [`${key(name)}\0`])];
    yield [`a header that is too long, ${name}`, request(`GET ${NGINX}`, [key(name).repeat(2_000)])];
    yield [`no header at all, ${name}`, `GET ${NGINX} HTTP/1.1\r\n${SECRETS[name]}\r\n\r\n`];
    yield [`no method, ${name}`, `${SECRETS[name]}\r\n\r\n`];
    yield [`an unknown version, ${name}`, request(`GET ${NGINX}`, [key(name)], '', 'HTTP/3.1')];
    yield [`an expectation, ${name}`, request(`GET ${NGINX}`, [key(name), 'Expect: more'])];
    yield [`CONNECT, ${name}`, request('CONNECT localhost:1', [key(name)])];
    yield [`an invalid session, ${name}`, request(`GET ${NGINX}`, [key(name), 'x-mock-session: a,b'])];
    yield [`no host, ${name}`, `GET ${NGINX} HTTP/1.1\r\nConnection: close\r\n${key(name)}\r\n\r\n`];
  }
  yield ['two keys', request(`GET ${NGINX}`, [key('good'), key('unknown')])];
  yield ['a bearer', request(`GET ${NGINX}`, [`Authorization: Bearer ${SECRETS.bearer}`])];
  const basic = Buffer.from(`a:${SECRETS.bearer}`).toString('base64');
  yield ['basic', request(`GET ${NGINX}`, [`Authorization: Basic ${basic}`])];
}

/** Every operation of the admin API with the token, with a wrong one and without one, and bodies with keys. */
function* adminRequests(): Generator<[string, string]> {
  const json = 'Content-Type: application/json';
  const open = `Authorization: Bearer ${SECRETS.token}`;
  const documents = [
    { apiKeys: [apiKey(SECRETS.merged)] },
    { apiKeys: [apiKey(SECRETS.refused, { grants: 'acme' })] },
    { apiKeys: [apiKey(`${SECRETS.refused}\n`)] },
    { apiKeys: [SECRETS.refused] },
    { apiKeys: SECRETS.refused },
    { apiKeys: [{ keys: SECRETS.refused, name: 'x', grants: [] }] },
    { apiKeys: [apiKey(SECRETS.refused, { name: 'a' }), apiKey(SECRETS.refused, { name: 'b' })] },
    { apiKeys: [apiKey(SECRETS.good, { name: 'other' })] },
  ].map((document) => JSON.stringify(document));
  const broken = [`{"apiKeys":[{"key":"${SECRETS.refused}`, `{"apiKeys":[{"key":${SECRETS.refused}}]}`];
  for (const body of [...documents, ...broken, `${broken[0]}${' '.repeat(262_144)}`]) {
    yield [`PUT ${body.slice(0, 80)}`, request('PUT /__admin/fixtures', [open, json], body)];
  }
  yield ['PUT of another type', request('PUT /__admin/fixtures', [open, 'Content-Type: x/*'], documents[0])];
  yield ['the merged key', request(`GET ${NGINX}`, [key('merged')])];
  const target = encodeURIComponent(NGINX);
  for (const secret of [SECRETS.good, SECRETS.unknown]) {
    const queries = [
      `target=${target}&key=${secret}`,
      `key=${secret}`,
      `target=${target}&key=${secret}&key=${secret}`,
      `target=${target}&key=${secret}&x=1`,
    ];
    for (const query of queries) yield [`explain ${query}`, request(`GET /__admin/explain?${query}`, [open])];
    yield ['explain with a header', request(`GET /__admin/explain?target=${target}`, [open, `x-api-key: ${secret}`])];
    yield ['explain, spelled differently', request(`GET /%5f_admin/explain?key=${secret}`, [open])];
    yield ['explain, misspelled', request(`GET /__admin/expalin?key=${secret}`, [open])];
    yield ['explain, in absolute form', request(`GET http://x/__admin/explain?key=${secret}&target=${target}`, [open])];
    yield ['explain, undecodable', request(`GET /__admin/explain?key=${secret}%ZZ`, [open])];
  }
  const rule = '{"match":{"key":"canary"},"fault":{"code":503},"times":1}';
  yield ['a fault for a key', request('POST /__admin/faults', [open, json], rule)];
  const expectations = '{"requests":[{"match":{"key":"canary"},"atLeast":999}]}';
  yield ['a verify that fails', request('POST /__admin/verify', [open, json], expectations)];
  yield ['the fault', request(`GET ${NGINX}`, [key('good')])];
  const authorizations = [
    open,
    `Authorization: Bearer ${SECRETS.wrongToken}`,
    `Authorization: ${SECRETS.wrongToken}`,
    'X: y',
  ];
  for (const authorization of authorizations) {
    for (const { method, url } of Object.values(operations)) {
      const timeout = url.endsWith('wait') ? '?timeout=1&count=10000' : '';
      yield [`${method} ${url}`, request(`${method} ${url.replace(':id', '1')}${timeout}`, [authorization])];
    }
    for (const page of ['/__admin/docs', '/__admin/docs/json', '/__admin/openapi.yaml', '/__admin/nope']) {
      yield [page, request(`GET ${page}`, [authorization])];
    }
  }
}

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
}

/** All files of a folder except the fixtures. */
function readFiles(folder: string): Buffer {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.json'));
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

t.test('no secret appears in an answer, in the log, on the banner, or in the store', async (t) => {
  const folder = t.testdir({ 'keys.json': JSON.stringify(FIXTURE) });
  const db = join(folder, 'store.db');
  const fixtures = ['--fixtures', BUNDLED_FIXTURES, '--fixtures', join(folder, 'keys.json')];
  const config = configure(
    ['--port', '0', '--log-level', 'trace', '--log-requests', 'on', '--db', db, '--watch', ...fixtures],
    {
      REGISTRY_MOCK_ADMIN_TOKEN: SECRETS.token,
    },
  );
  const log = new Output();
  const server = await startServer(config, await createLogger(config.logLevel, log), log);
  t.teardown(() => server.close());
  checkSilence(t, 'the banner', formatBanner(server));
  const statuses = new Map<string, number>();
  const send = async (what: string, sent: string) => {
    const answer = await exchange(server.port, sent);
    checkSilence(t, what, answer);
    const status = answer.toString('latin1', 9, 12);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    return answer;
  };

  for (const [what, sent] of apiRequests()) await send(what, sent);
  const open = `Authorization: Bearer ${SECRETS.token}`;
  const journal = String(await send('the journal', request('GET /__admin/journal?limit=1000', [open])));
  t.match(journal, /"reason":"keyUnknown"/, 'the journal has the requests');
  checkSilence(t, 'files while the server runs', readFiles(folder));
  t.ok(readdirSync(folder).includes('store.db-wal'), 'the write-ahead log is one of them');
  for (const [what, sent] of adminRequests()) await send(what, sent);
  for (const status of ['200', '204', '400', '401', '403', '404', '405', '409', '415', '431', '503', '505']) {
    t.ok(statuses.get(status), `some answers have the status ${status}`);
  }

  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ apiKeys: [apiKey(SECRETS.refused, { grants: 1 })] }));
  while (!log.text.includes('fixtures not reloaded')) await sleep(10);
  await server.close();
  t.match(log.text, /"method":"GET","target":/, 'the log has the requests');
  checkSilence(t, 'the log', log.text);
  checkSilence(t, 'files of the closed store', readFiles(folder));
});

t.test('no command shows a secret', async (t) => {
  const folder = t.testdir({
    'keys.json': JSON.stringify(FIXTURE),
    'broken.yaml': `apiKeys:\n  - {key:${SECRETS.refused}, name: x}\n`,
    'bulk.ndjson': `{"key":"${SECRETS.refused}"}\n`,
  });
  const at = (name: string) => join(folder, name);
  const variables = { REGISTRY_MOCK_ADMIN_TOKEN: SECRETS.token };
  const rows: [args: string[], code: number, environment?: Record<string, string>][] = [
    [['--help'], 0, variables],
    [['--version'], 0, variables],
    [['validate', at('keys.json')], 0],
    [['validate', at('broken.yaml'), at('bulk.ndjson')], 1],
    [['explain', '--key', SECRETS.good, '--fixtures', at('keys.json'), NGINX], 1],
    [['explain', '--key', SECRETS.unknown, NGINX], 1],
    [['healthcheck', '--port', '1'], 1, variables],
    [['--prot', '1'], 2, variables],
    [[`--admin-tokn=${SECRETS.token}`], 2],
    [['--admin-token', `${SECRETS.token} x`], 2],
    [[], 2, { REGISTRY_MOCK_ADMIN_TOKEN: `${SECRETS.token}\n` }],
    [[], 2, { REGISTRY_MOCK_ADMIN_TOKN: SECRETS.token }],
  ];
  for (const [args, expected, environment = {}] of rows) {
    for (const isTTY of [false, true]) {
      const [stdout, stderr] = [new Output(isTTY), new Output(isTTY)];
      const code = await main(args, {
        env: environment,
        stdin: Readable.from([]),
        stdout,
        stderr,
        on: () => {},
        exit: () => {},
      });
      const what = args.join(' ').replaceAll(folder, '');
      t.equal(code, expected, `${what}\n${stderr.text}`);
      checkSilence(t, what, stdout.text + stderr.text);
    }
  }
});
