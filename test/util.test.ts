import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import t from 'tap';
import { trackConnections } from '../src/api/connections.js';
import { stringEnum } from '../src/api/schema.js';
import { createLogger } from '../src/journal/log.js';
import { LimitError, UserError } from '../src/util/errors.js';
import { BUNDLED_FIXTURES, NAME, VERSION } from '../src/util/package.js';
import { inTurns, runAtOnce, runInTurns, type Steps } from '../src/util/steps.js';
import { count, escapeCharacters, escapeControls, quote, suggest } from '../src/util/text.js';
import { formatPath, listProblems, messageAt, show, ValidationError, validate } from '../src/util/validate.js';

t.test('lists one problem per place, up to a maximum', async (t) => {
  const schema = Type.Object({ a: Type.Integer({ minimum: 0, multipleOf: 2 }), b: Type.Array(Type.String()) });
  const value = { a: -1.5, b: [1, 'x', 2] };
  const quotes = 'found 1, expected string; put it in quotes';
  const all = [
    { path: ['a'], reason: 'found -1.5, expected integer', message: 'a: found -1.5, expected integer' },
    { path: ['b', 0], reason: quotes, message: `b[0]: ${quotes}` },
    { path: ['b', 2], reason: quotes.replace('1', '2'), message: `b[2]: ${quotes.replace('1', '2')}` },
  ];
  const list = (given: unknown, max: number) =>
    listProblems(schema, given, max).map(({ path, reason, message }) => ({ path, reason, message }));
  t.strictSame(list(value, 20), all);
  t.strictSame(list(value, 2), all.slice(0, 2));
  t.strictSame(list({ a: 2, b: [] }, 20), []);
});

t.test('a place has the keys and the indexes of a value', async (t) => {
  const schema = Type.Array(Type.Object({ 'a/b~c': Type.String() }));
  t.strictSame(listProblems(schema, [{ 'a/b~c': 1 }], 20)[0]?.path, [0, 'a/b~c']);
});

t.test('returns a valid value, and throws the first problem of an invalid one', async (t) => {
  const schema = Type.Object(
    {
      name: Type.Optional(Type.String()),
      color: Type.Optional(stringEnum(['red', 'green'], 'a color')),
      key: Type.Optional(Type.String({ writeOnly: true, minLength: 1, description: 'a key' })),
      list: Type.Optional(Type.Array(Type.Integer(), { description: 'a list of numbers' })),
    },
    { additionalProperties: false, description: 'a mapping' },
  );
  const value = { name: 'x', color: 'red', list: [1] };
  t.equal(validate(schema, value), value);
  const rows: [schema: Parameters<typeof validate>[0], value: unknown, path: (string | number)[], reason: string][] = [
    [schema, null, [], 'found null, expected a mapping'],
    [schema, 'text', [], 'found another value, expected a mapping'],
    [schema, { nam: 1 }, ['nam'], 'unknown key "nam"; did you mean "name"?'],
    [schema, { unlike: 1 }, ['unlike'], 'unknown key "unlike"; expected one of name, color, key, list'],
    [schema, { color: 'grean' }, ['color'], 'found "grean", expected one of red, green; did you mean "green"?'],
    [schema, { color: 1 }, ['color'], 'found 1, expected one of red, green'],
    [schema, { key: '' }, ['key'], 'found another value, expected a key'],
    [schema, { list: {} }, ['list'], 'found a mapping, expected a list of numbers'],
    [Type.Object({ a: Type.Integer() }), {}, ['a'], 'missing key "a"; expected integer'],
    [
      Type.Object({ key: Type.String() }, { additionalProperties: false, writeOnly: true }),
      { key: 'x', 'pat.secret': 1 },
      [],
      'unknown key; expected one of key',
    ],
  ];
  for (const [schema, value, path, reason] of rows) {
    t.throws(() => validate(schema, value), new ValidationError(path, reason), reason);
  }
});

t.test('a validation error has its path in front of its message', async (t) => {
  t.equal(formatPath(['registries', 0, 'artifacts', 2, 'name']), 'registries[0].artifacts[2].name');
  t.equal(formatPath([]), '');
  t.equal(messageAt(['a', 'b'], 'is wrong'), 'a.b: is wrong');
  t.equal(messageAt([], 'is wrong'), 'is wrong');
  t.match(new ValidationError(['a'], 'is wrong'), { path: ['a'], reason: 'is wrong', message: 'a: is wrong' });
});

t.test('shows a value shortened', async (t) => {
  const rows: [value: unknown, expected: string][] = [
    [undefined, 'nothing'],
    [null, 'null'],
    [[1], 'a list'],
    [{}, 'a mapping'],
    [true, 'true'],
    [-0.5, '-0.5'],
    ['', '""'],
    ['a "b"\n', '"a \\"b\\"\\n"'],
    ['x'.repeat(58), `"${'x'.repeat(58)}"`],
    ['x'.repeat(59), `"${'x'.repeat(58)}…`],
  ];
  for (const [value, expected] of rows) t.equal(show(value), expected, expected);
});

t.test('suggests the nearest candidate when it is near', async (t) => {
  const keys = ['registries', 'apiKeys', 'go', 'rpm'];
  const rows: [word: string, expected: string][] = [
    ['registires', '; did you mean "registries"?'],
    ['REGISTRIES', '; did you mean "registries"?'],
    ['registry', '; did you mean "registries"?'],
    ['regist', ''],
    ['api_keys', '; did you mean "apiKeys"?'],
    ['keys', ''],
    ['g', ''],
    ['rmp', '; did you mean "rpm"?'],
    ['packages', ''],
  ];
  for (const [word, expected] of rows) t.equal(suggest(word, keys), expected, word);
});

t.test('suggests the first of two that are as near', async (t) => {
  t.equal(suggest('helo', ['held', 'help']), '; did you mean "held"?');
  t.equal(suggest('helo', ['help', 'held']), '; did you mean "help"?');
});

t.test('suggests nothing without candidates', async (t) => {
  t.equal(suggest('word', []), '');
});

t.test('suggests no word that is rather another one', async (t) => {
  const flags = ['--host', '--port', '--fixtures', '--db', '--auth', '--watch', '--admin-token', '--seed', '--help'];
  const types = ['DOCKER', 'MAVEN', 'PYTHON', 'NPM', 'HELM', 'GENERIC', 'NUGET', 'RPM', 'CARGO', 'GO', 'HUGGINGFACE'];
  const rows: [candidates: string[], typos: Record<string, string>, others: string[]][] = [
    [
      flags,
      {
        '--prot': '--port',
        '--fixture': '--fixtures',
        '--admin-tokn': '--admin-token',
        '--adminToken': '--admin-token',
        '--ort': '--port',
        '--hots': '--host',
        '--Watch': '--watch',
        '--d b': '--db',
      },
      ['--cors', '--sort', '--latch', '--batch', '--token', '--dir', '--path', '--test', '--tls', '-p', '-d', '--', ''],
    ],
    [
      types,
      { NPN: 'NPM', nmp: 'NPM', HUGGING_FACE: 'HUGGINGFACE', HELMS: 'HELM', GOO: 'GO' },
      ['PYPI', 'CONDA', 'DEB', 'N'],
    ],
    [
      ['registries', 'artifacts', 'packageType', 'size', 'code', 'message', 'name'],
      {
        artefacts: 'artifacts',
        packagetype: 'packageType',
        package_type: 'packageType',
        sise: 'size',
        mesage: 'message',
      },
      ['body', 'mode', 'node', 'same', 'type', 'id', 'é'],
    ],
  ];
  for (const [candidates, typos, others] of rows) {
    for (const [word, meant] of Object.entries(typos)) {
      t.equal(suggest(word, candidates), `; did you mean "${meant}"?`, word);
    }
    for (const word of others) t.equal(suggest(word, candidates), '', word);
  }
});

t.test('a common prefix is not compared', async (t) => {
  t.equal(suggest('MOCK_PROT', ['MOCK_PORT'], 'MOCK_'), '; did you mean "MOCK_PORT"?');
  t.equal(suggest('MOCK_HELP', ['MOCK_PORT', 'MOCK_HOST'], 'MOCK_'), '');
});

t.test('a word of any length is compared in no time', async (t) => {
  const words = Array.from({ length: 500 }, () => `x${'y'.repeat(100)}`);
  t.equal(suggest('x'.repeat(100_000), words), '');
});

t.test('counts in words', async (t) => {
  t.equal(count(0, 'key'), '0 keys');
  t.equal(count(1, 'registry', 'registries'), '1 registry');
  t.equal(count(2, 'registry', 'registries'), '2 registries');
});

t.test('escapes what a pattern matches, and nothing else', async (t) => {
  t.equal(escapeCharacters('a\x1b[1m\u2028é', /[\p{Cc}\u2028]/gu), 'a\\u001b[1m\\u2028é');
  t.equal(escapeCharacters('a\r\n\t', /\p{Cc}/gu), 'a\\r\\n\\t', 'as JSON does');
  t.equal(escapeCharacters('', /./g), '');
  t.equal(JSON.parse(escapeCharacters('"\x7f"', /\x7f/g)), '\x7f');
});

t.test('escaped text can neither steer a terminal nor start a line', async (t) => {
  t.equal(escapeControls('a\tb\x1b[2J\r\n\u202e\u2029é'), 'a\\tb\\u001b[2J\\r\\n\\u202e\\u2029é');
  const seed = Date.now();
  t.comment(`seed ${seed}`);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => !/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u.test(escapeControls(text)),
    ),
    { seed },
  );
});

t.test('quotes a value unless it is a plain word', async (t) => {
  const rows: [value: unknown, expected: string][] = [
    ['acme/web', 'acme/web'],
    ['@scope/pkg:1.0~a+b%20-c', '@scope/pkg:1.0~a+b%20-c'],
    ['', '""'],
    ['a b', '"a b"'],
    ['\u202e', '"\\u202e"'],
    ['\x1b', '"\\u001b"'],
    [undefined, 'undefined'],
    [['a'], '["a"]'],
    ['x'.repeat(300), 'x'.repeat(300)],
    ['x'.repeat(301), `${'x'.repeat(299)}…`],
  ];
  for (const [value, expected] of rows) t.equal(quote(value), expected, expected);
});

t.test('errors of limits and users have what their answers need', async (t) => {
  t.match(new LimitError('armed faults', 10, 'disarm some'), {
    what: 'armed faults',
    max: 10,
    message: 'limit of 10 armed faults reached; disarm some',
  });
  const cause = new Error('cause');
  t.match(new UserError('wrong'), { message: 'wrong', exitCode: 1, cause: undefined });
  t.match(new UserError('wrong', 2, { cause }), { message: 'wrong', exitCode: 2, cause });
});

t.test('knows its package', async (t) => {
  const { name, version } = require('../package.json');
  t.strictSame([NAME, VERSION], [name, version]);
  t.equal(BUNDLED_FIXTURES, require('node:path').join(__dirname, '../fixtures'));
});

t.test('a drain ends soon without connections, and in the end with one that is never quiet', async (t) => {
  const server = createServer((_request, response) => response.end());
  const connections = trackConnections(server);
  t.teardown(() => server.closeAllConnections());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await connections.drain(1_000);
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => client.destroy());
  await once(client, 'connect');
  let isDrained = false;
  let answers = 0;
  const ask = () => client.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  client.on('data', () => {
    answers += 1;
    if (!isDrained) setTimeout(ask, 10);
  });
  ask();
  await connections.drain(1_000);
  isDrained = true;
  t.ok(answers > 1, `${answers} answers`);
  server.close();
});

t.test('a drain waits for connections that are not accepted yet', async (t) => {
  const server = new EventEmitter();
  const connections = trackConnections(server as Server);
  let accepted = 0;
  const timer = setInterval(() => {
    const socket = new EventEmitter();
    server.emit('connection', socket);
    socket.emit('close');
    accepted += 1;
    if (accepted === 100) clearInterval(timer);
  }, 1);
  await connections.drain(60_000);
  t.equal(accepted, 100);
});

/** A stream that collects its text. */
class Collector extends Writable {
  text = '';

  constructor(
    readonly isTTY: boolean,
    private readonly colors?: boolean,
  ) {
    super();
  }

  hasColors(): boolean {
    return this.colors ?? false;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    this.emit('text');
    done();
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) await once(this, 'text');
    return this.text;
  }

  get logs() {
    const lines = this.text.split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line));
  }
}

t.test('a stream that is not a terminal gets JSON lines', async (t) => {
  const stream = new Collector(false);
  const logger = await createLogger('info', stream);
  logger.info('one');
  logger.warn({ a: 1 }, 'two\nlines');
  t.match(stream.logs, [
    { level: 30, msg: 'one' },
    { level: 40, msg: 'two\nlines', a: 1 },
  ]);
  t.equal(stream.logs.length, 2);
});

t.test('a terminal gets lines for people, in colours if it shows them', async (t) => {
  for (const hasColors of [false, true]) {
    const stream = new Collector(true, hasColors);
    (await createLogger('info', stream)).info('hello');
    const text = await stream.until(/\n/);
    t.match(stripVTControlCharacters(text), /^\[\d\d:\d\d:\d\d\] INFO: hello\n$/);
    t.equal(text.includes('\x1b['), hasColors);
  }
});

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

t.test('a level logs itself and more serious levels, silent logs nothing', async (t) => {
  for (const [index, level] of LOG_LEVELS.entries()) {
    const stream = new Collector(false);
    const logger = await createLogger(level, stream);
    for (const method of LOG_LEVELS) logger[method](method);
    t.strictSame(
      stream.logs.map(({ msg }) => msg),
      LOG_LEVELS.slice(index, -1),
      level,
    );
  }
  const stream = new Collector(true);
  (await createLogger('silent', stream)).fatal('x');
  t.equal(stream.text, '');
});

t.test('steps run at once, or in turns that end after a while', async (t) => {
  function* work(): Steps<string> {
    for (const end = performance.now() + 50; performance.now() < end; ) yield;
    return 'done';
  }
  t.equal(runAtOnce(work()), 'done');
  let others = 0;
  const count = setInterval(() => {
    others += 1;
  }, 1);
  t.teardown(() => clearInterval(count));
  t.equal(await runInTurns(work()), 'done');
  t.ok(others > 0, 'others had a turn');
  const parts: number[] = [];
  for await (const part of inTurns([1, 2])) parts.push(part);
  t.strictSame(parts, [1, 2]);
});
