import t from 'tap';
import type { Received } from '../../fuzz/wire/connection.js';
import type { Conversation, Message } from '../../fuzz/wire/conversation.js';
import { judge } from '../../fuzz/wire/judge.js';
import { requireFlat } from '../../fuzz/wire/memory.js';
import { writeLast, writeRequest } from '../../fuzz/wire/request.js';
import { findingOf } from './support.js';

const good: Message = { ...writeRequest({ target: '/a' }), statuses: [200], body: 'hi' };
const last: Message = writeLast('/b');
const broken: Message = { bytes: 'GET', method: undefined };

const talk = (...messages: Message[]): Conversation => ({ messages, cuts: [], isAborted: false });

const answer = (status: number, body: string, type = 'application/json') =>
  `HTTP/1.1 ${status} Any\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const envelope = (status: number, more = '') => answer(status, `{"code":"${status}","message":"m"${more}}`);

const HI = answer(200, 'hi', 'text/plain');

const receive = (text: string, end: Received['end'] = 'closed'): Received => ({ bytes: Buffer.from(text), end });

t.test('finds nothing where all is well', async (t) => {
  const statusesOf = (conversation: Conversation, text: string) =>
    judge(conversation, receive(text)).map(({ status }) => status);
  t.strictSame(statusesOf(talk(good, last), HI + envelope(404, ',"details":{"a":1}')), [200, 404]);
  t.strictSame(statusesOf(talk(good, broken), HI), [200], 'what is no request need not be answered');
  t.strictSame(statusesOf(talk(good, broken), HI + envelope(400)), [200, 400]);
  t.strictSame(statusesOf(talk(last, good), envelope(400)), [400], 'what stands behind the last is not');
  t.strictSame(
    judge(talk(good, last, good), receive('', 'broken')),
    [],
    'a reset takes answers that were not read yet',
  );
});

t.test('finds whatever is not due', async (t) => {
  const rows: Record<string, [conversation: Conversation, received: Received, expected: RegExp]> = {
    silence: [talk(good, last), receive('', 'silent'), /an answer, or an end/],
    'an answer too few': [talk(good, last), receive(HI), /^2 answers$/],
    'an answer too few, and a reset that nothing behind the last excuses': [
      talk(good, last),
      receive(HI, 'broken'),
      /^2 answers$/,
    ],
    'an answer too few in front of garbage': [talk(good, last, broken), receive(HI), /^2 answers$/],
    'an answer too many': [talk(good), receive(HI + HI), /^1 answers$/],
    'another order': [talk(good, last), receive(envelope(404) + HI), /^a 200$/],
    'another status': [talk(good), receive(envelope(404)), /^a 200$/],
    'another body': [talk(good), receive(answer(200, 'ho')), /^the body hi$/],
    'a foreign error': [talk(last), receive(answer(404, '{"error":"Not Found"}')), /^the envelope of a 404$/],
    'an error that is no JSON': [talk(last), receive(answer(404, 'no')), /^the envelope of a 404$/],
    'an error without a body': [talk(last), receive(answer(404, '')), /^the envelope of a 404$/],
    'another code': [talk(last), receive(answer(404, '{"code":"400","message":"m"}')), /^the envelope of a 404$/],
    'a key too many': [talk(last), receive(envelope(404, ',"statusCode":404')), /^the envelope of a 404$/],
    'an error of another type': [talk(last), receive(answer(404, '', 'text/html')), /application\/json/],
    'an error of another type behind garbage': [
      talk(broken),
      receive(answer(400, '', 'text/html')),
      /application\/json/,
    ],
    'a failure of the server': [talk(last), receive(envelope(500)), /that the server means/],
  };
  for (const [name, [conversation, received, expected]] of Object.entries(rows))
    t.match((await findingOf(t, () => judge(conversation, received))).expected, expected, name);
});

t.test('finds memory that grows', async (t) => {
  const grow = (bytesASecond: number, seconds: number) =>
    Array.from({ length: seconds + 1 }, (_, at) => ({ at: at * 1_000, bytes: 1e8 + at * bytesASecond }));
  requireFlat(grow(0, 120));
  requireFlat(grow(1e5, 120));
  requireFlat(grow(1e9, 10));
  requireFlat([]);
  t.match(await findingOf(t, () => requireFlat(grow(1e6, 120))), { expected: 'memory that stays at 153 MiB' });
});
