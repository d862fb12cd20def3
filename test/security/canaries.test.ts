import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { operations } from '../../src/admin/operations.js';
import { run as runCommand } from '../commands/run.js';
import { NGINX } from '../helper.js';
import { fromSource, spawnProgram } from '../process/run.js';
import { findForms } from './canary.js';

/** Every text that may stand nowhere, by what it is. Letters and digits, so that no encoding hides them by halves. */
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

const bytes = Buffer.from(SECRETS.good);
const FORMS: [form: string, text: string | Buffer][] = [
  ['as it is', `key ${SECRETS.good}.`],
  ['its first half', `${SECRETS.good.slice(0, 12)}…`],
  ['its second half', `…${SECRETS.good.slice(-10)}`],
  ['in Base64', Buffer.concat([Buffer.from('abc'), bytes, bytes]).toString('base64')],
  ['in Base64, one byte later', Buffer.concat([Buffer.from('a'), bytes, bytes]).toString('base64url')],
  ['in Base64, two bytes later', Buffer.concat([Buffer.from('ab'), bytes, bytes]).toString('base64')],
  ['percent-encoded', [...bytes].map((byte) => `%${byte.toString(16)}`).join('')],
  ['as JSON escapes', [...bytes].map((byte) => `\\u00${byte.toString(16).toUpperCase()}`).join('')],
  ['in hex', bytes.toString('hex').toUpperCase()],
  ['in UTF-16', Buffer.from(SECRETS.good, 'utf16le')],
];

t.test('the search finds a secret in every form, and none where there is none', async (t) => {
  for (const [form, text] of FORMS) t.ok(findForms(text, SECRETS.good).includes(form), form);
  for (const [form, text] of FORMS) t.strictSame(findForms(text, SECRETS.unknown), [], form);
});

/** Fails the test where a secret stands in what was given out. */
function checkSilence(t: Test, what: string, given: Buffer | string): void {
  const found = Object.entries(SECRETS).flatMap(([name, secret]) =>
    findForms(given, secret).map((form) => `${name}, ${form}`),
  );
  t.strictSame(found, [], what);
}

/** Sends bytes, and returns all that comes until the server closes. */
function exchange(port: number, sent: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(sent));
    socket.on('data', (chunk) => chunks.push(chunk));
    // A reset is what some faults are.
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

/** All kinds of requests of the API, with keys of all kinds: [what it is, the bytes]. */
function* apiRequests(): Generator<[string, string]> {
  const targets = [
    NGINX,
    NGINX.replace('nginx', 'nope'),
    NGINX.replace('nginx', '%ZZ'),
    `${NGINX}?artifact_type=`,
    '/nowhere',
    '/docs',
    '/docs/nope',
    '/openapi.json',
    '/readyz',
  ];
  for (const name of ['good', 'revoked', 'expired', 'unknown'] as const) {
    for (const target of targets) yield [`${name} ${target}`, request(`GET ${target}`, [key(name)])];
    yield [`POST by ${name}`, request(`POST ${NGINX}`, [key(name)])];
    for (const prefer of [
      'code=503',
      'code=1',
      'status=ERROR',
      'delay=1',
      'fault=empty',
      'fault=truncated',
      'fault=garbage',
    ])
      yield [`${prefer} by ${name}`, request(`GET ${NGINX}`, [key(name), `Prefer: ${prefer}`])];
    yield [`a key with a NUL, ${name}`, request(`GET ${NGINX}`, [`${key(name)}\0`])];
    yield [`a header that is too long, ${name}`, request(`GET ${NGINX}`, [key(name).repeat(2_000)])];
    yield [`no header at all, ${name}`, `GET ${NGINX} HTTP/1.1\r\n${SECRETS[name]}\r\n\r\n`];
    yield [`no method, ${name}`, `${SECRETS[name]}\r\n\r\n`];
    yield [`an unknown version, ${name}`, request(`GET ${NGINX}`, [key(name)], '', 'HTTP/3.1')];
    yield [`an expectation, ${name}`, request(`GET ${NGINX}`, [key(name), 'Expect: more'])];
    yield [`CONNECT by ${name}`, request('CONNECT localhost:1', [key(name)])];
    yield [`a bad session, ${name}`, request(`GET ${NGINX}`, [key(name), 'x-mock-session: a,b'])];
    yield [`no host, ${name}`, `GET ${NGINX} HTTP/1.1\r\nConnection: close\r\n${key(name)}\r\n\r\n`];
  }
  yield ['two keys', request(`GET ${NGINX}`, [key('good'), key('unknown')])];
  yield ['a bearer', request(`GET ${NGINX}`, [`Authorization: Bearer ${SECRETS.bearer}`])];
  yield [
    'basic',
    request(`GET ${NGINX}`, [`Authorization: Basic ${Buffer.from(`a:${SECRETS.bearer}`).toString('base64')}`]),
  ];
}

/** Every operation of the admin API with the token, with a wrong one and with none, and what brings it keys. */
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
  for (const body of [...documents, ...broken, `${broken[0]}${' '.repeat(262_144)}`])
    yield [`PUT ${body.slice(0, 80)}`, request('PUT /__admin/fixtures', [open, json], body)];
  yield [
    'PUT of another type',
    request(
      'PUT /__admin/fixtures',
      [open, `Content-Type: ${SECRETS.refused}/*`.replace(SECRETS.refused, 'x')],
      documents[0],
    ),
  ];
  yield ['the merged key', request(`GET ${NGINX}`, [key('merged')])];
  const target = encodeURIComponent(NGINX);
  for (const secret of [SECRETS.good, SECRETS.unknown]) {
    for (const query of [
      `target=${target}&key=${secret}`,
      `key=${secret}`,
      `target=${target}&key=${secret}&key=${secret}`,
      `target=${target}&key=${secret}&x=1`,
    ])
      yield [`explain ${query}`, request(`GET /__admin/explain?${query}`, [open])];
    yield ['explain by header', request(`GET /__admin/explain?target=${target}`, [open, `x-api-key: ${secret}`])];
    yield ['explain, spelled otherwise', request(`GET /%5f_admin/explain?key=${secret}`, [open])];
    yield ['explain, spelled wrongly', request(`GET /__admin/expalin?key=${secret}`, [open])];
    yield ['explain, in absolute form', request(`GET http://x/__admin/explain?key=${secret}&target=${target}`, [open])];
    yield ['explain, undecodable', request(`GET /__admin/explain?key=${secret}%ZZ`, [open])];
  }
  yield [
    'a fault of a key',
    request('POST /__admin/faults', [open, json], '{"match":{"key":"canary"},"fault":{"code":503},"times":1}'),
  ];
  const never = '{"requests":[{"match":{"key":"canary"},"atLeast":999}]}';
  yield ['what is not as expected', request('POST /__admin/verify', [open, json], never)];
  yield ['the fault', request(`GET ${NGINX}`, [key('good')])];
  for (const authorization of [
    open,
    `Authorization: Bearer ${SECRETS.wrongToken}`,
    `Authorization: ${SECRETS.wrongToken}`,
    'X: y',
  ]) {
    for (const { method, url } of Object.values(operations)) {
      const timeout = url.endsWith('wait') ? '?timeout=1&count=100000' : '';
      yield [`${method} ${url}`, request(`${method} ${url.replace(':id', '1')}${timeout}`, [authorization])];
    }
    for (const page of ['/__admin/docs', '/__admin/docs/json', '/__admin/openapi.yaml', '/__admin/nope'])
      yield [page, request(`GET ${page}`, [authorization])];
  }
}

t.test('a server gives no secret away: not in an answer, nor in its log, nor in its store', async (t) => {
  const folder = t.testdir({ 'keys.json': JSON.stringify(FIXTURE), 'broken.json': '' });
  const db = join(folder, 'store.db');
  const fixtures = ['--fixtures', 'fixtures', '--fixtures', join(folder, 'keys.json')];
  const ambush = "process.on('SIGUSR2', () => { throw new Error('ambush'); })";
  const server = spawnProgram(
    t,
    process.execPath,
    [
      `--import=data:text/javascript,${encodeURIComponent(ambush)}`,
      ...fromSource('--port', '0', '--log-level', 'trace', '--db', db, '--watch', ...fixtures),
    ],
    { REGISTRY_MOCK_ADMIN_TOKEN: SECRETS.token },
  );
  const [, port] = (await server.until(/^Listening on http:\/\/.*:(\d+)\n/m)) as unknown as [string, number];
  const answered = new Map<string, number>();
  const send = async (what: string, sent: string) => {
    const answer = await exchange(port, sent);
    checkSilence(t, what, answer);
    const status = answer.toString('latin1', 9, 12);
    answered.set(status, (answered.get(status) ?? 0) + 1);
    return answer;
  };

  for (const [what, sent] of apiRequests()) await send(what, sent);
  const open = `Authorization: Bearer ${SECRETS.token}`;
  const journal = String(await send('the journal', request('GET /__admin/journal?limit=1000', [open])));
  t.match(journal, /"reason":"keyUnknown"/, 'has the requests');
  checkSilence(t, 'files while it runs', readFiles(folder));
  t.ok(readdirSync(folder).includes('store.db-wal'), 'the log of the store is among them');
  for (const [what, sent] of adminRequests()) await send(what, sent);
  for (const status of ['200', '204', '400', '401', '404', '405', '409', '415', '431', '503', '505'])
    t.ok(answered.get(status), `${status} is among the answers`);

  writeFileSync(join(folder, 'keys.json'), JSON.stringify({ apiKeys: [apiKey(SECRETS.refused, { grants: 1 })] }));
  await server.until(/fixtures not loaded/);
  server.child.kill('SIGUSR2');
  t.equal(await server.ended, 1, 'it crashes');
  t.match(server.stdout, /"msg":"unforeseen error"/);
  t.match(server.stdout, /"req":\{"method":"GET"/, 'the log has the requests');
  checkSilence(t, 'stdout', server.stdout);
  checkSilence(t, 'stderr', server.stderr);
  checkSilence(t, 'files when it is gone', readFiles(folder));
});

/** All files of a folder but the fixtures, in which the keys are ours to write. */
function readFiles(folder: string): Buffer {
  const names = readdirSync(folder).filter((name) => !name.endsWith('.json'));
  return Buffer.concat(names.map((name) => readFileSync(join(folder, name))));
}

t.test('no command gives a secret away', async (t) => {
  const folder = t.testdir({
    'keys.json': JSON.stringify(FIXTURE),
    'broken.yaml': `apiKeys:\n  - {key:${SECRETS.refused}, name: x}\n`,
    'bulk.ndjson': `{"key":"${SECRETS.refused}"}\n`,
    'good.config': `adminToken: ${SECRETS.token}\nprot: 1\n`,
    'list.config': `adminToken: [${SECRETS.token}]\n`,
    'space.config': `adminToken: "${SECRETS.token} x"\n`,
    'alias.config': `adminToken: *${SECRETS.token}\n`,
    'quote.config': `adminToken: "${SECRETS.token}\n`,
    'at.config': `adminToken: @${SECRETS.token}\n`,
    'colon.config': `{adminToken:${SECRETS.token}}\n`,
    'nested.config': `adminToken: ${SECRETS.token}: x\n`,
    'twice.config': `adminToken: ${SECRETS.token}\nadminToken: ${SECRETS.token}\n`,
    'tag.config': `adminToken: !${SECRETS.token} [x\n`,
    'bare.config': `${SECRETS.token}\n`,
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
    ...['good', 'list', 'space', 'alias', 'quote', 'at', 'colon', 'nested', 'twice', 'tag', 'bare'].map(
      (name): [string[], number] => [['--config', at(`${name}.config`)], 2],
    ),
  ];
  for (const [args, code, environment] of rows) {
    const outcome = await runCommand(args, environment);
    const what = args.join(' ').replaceAll(folder, '');
    t.equal(outcome.code, code, `${what}\n${outcome.stderr}`);
    checkSilence(t, what, outcome.stdout + outcome.stderr);
  }
});
