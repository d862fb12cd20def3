import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { createLogger } from '../../src/log.js';
import { LOG_LEVELS } from '../../src/log-level.js';
import { Collector } from '../commands/run.js';
import { pollUntil } from './run.js';

const CANARY = 'pat.canary.never.logged';

const headers = { host: 'shown', 'x-api-key': CANARY, authorization: `Bearer ${CANARY}` };

const RECORDS: object[] = [
  { headers },
  { request: { headers } },
  { request: { method: 'GET', headers } },
  { a: 1, other: { headers } },
];

const terminal = () => Object.assign(new Collector(), { isTTY: true });

t.test('headers that carry keys are redacted, others are not', async (t) => {
  for (const stream of [new Collector(), terminal()]) {
    const logger = await createLogger('info', stream);
    for (const record of RECORDS) logger.info(record, 'asked');
    logger.child({ request: { headers } }).info('last');
    await pollUntil(
      async () => stream.text,
      (text) => text.includes('last') && text.split('shown').length > RECORDS.length,
    );
    t.notMatch(stream.text, CANARY);
    t.equal(stream.text.split('[Redacted]').length - 1, 2 * (RECORDS.length + 1));
  }
});

t.test('a request is logged by its target as it came, without its headers', async (t) => {
  const stream = new Collector();
  const logger = await createLogger('info', stream);
  logger.info({ req: { method: 'GET', originalUrl: '/a/+', url: '/a%2F', ip: '127.0.0.1', headers } }, 'asked');
  t.match(JSON.parse(stream.text).req, { method: 'GET', target: '/a/+', from: '127.0.0.1' });
  t.notMatch(stream.text, CANARY);
});

t.test('a request of the admin API is logged without its query, which may hold a key', async (t) => {
  const stream = new Collector();
  const originalUrl = `/__admin/explain?target=/a&key=${CANARY}`;
  (await createLogger('info', stream)).info({ req: { method: 'GET', originalUrl, ip: '127.0.0.1' } }, 'asked');
  t.match(JSON.parse(stream.text).req, { method: 'GET', target: '/__admin/explain', from: '127.0.0.1' });
  t.notMatch(stream.text, CANARY);
});

t.test('a stream that is no terminal gets JSON, a line each', async (t) => {
  const stream = new Collector();
  const logger = await createLogger('info', stream);
  logger.info('one');
  logger.warn({ a: 1 }, 'two\nlines');
  const logs = stream.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(logs, [
    { level: 30, msg: 'one' },
    { level: 40, msg: 'two\nlines', a: 1 },
  ]);
  t.equal(logs.length, 2);
});

t.test('a terminal gets a line for people', async (t) => {
  const stream = terminal();
  (await createLogger('info', stream)).info('hello');
  const text = await pollUntil(async () => stream.text, Boolean);
  t.match(stripVTControlCharacters(text), /^\[\d\d:\d\d:\d\d\] INFO: hello\n$/);
});

t.test('a level lets through what is as grave or graver, and silent nothing', async (t) => {
  for (const [at, level] of LOG_LEVELS.entries()) {
    const stream = new Collector();
    const logger = await createLogger(level, stream);
    for (const method of LOG_LEVELS) logger[method](method);
    const logged = stream.text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).msg);
    t.strictSame(logged, LOG_LEVELS.slice(at, -1), level);
  }
  const stream = terminal();
  (await createLogger('silent', stream)).fatal('x');
  t.equal(stream.text, '');
});
