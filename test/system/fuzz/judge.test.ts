import t from 'tap';
import type { Received } from '../../../fuzz/wire/connection.js';
import type { Conversation, Message } from '../../../fuzz/wire/conversation.js';
import { judge } from '../../../fuzz/wire/judge.js';
import { requireFlat } from '../../../fuzz/wire/memory.js';
import { writeLast, writeRequest } from '../../../fuzz/wire/request.js';
import { findingOf } from './support.js';

const good: Message = { ...writeRequest({ target: '/a' }), statuses: [200], body: 'hi' };
const last: Message = writeLast('/b');
const tunnel: Message = { bytes: 'CONNECT', method: undefined, isLast: true };
const identified: Message = writeRequest({ target: '/a', lines: ['X-Request-Id: mine'] });
const broken: Message = { bytes: 'GET', method: undefined };

const talk = (...messages: Message[]): Conversation => ({ messages, cuts: [], isAborted: false });

const answer = (status: number, body: string, type = 'application/json', lines = 'X-Request-Id: a-1\r\n') =>
  `HTTP/1.1 ${status} Any\r\nContent-Type: ${type}\r\n${lines}Content-Length: ${body.length}\r\n\r\n${body}`;

const envelope = (status: number, more = '') => answer(status, `{"code":"${status}","message":"m"${more}}`);

const HI = answer(200, 'hi', 'text/plain');

const receive = (text: string, end: Received['end'] = 'closed'): Received => ({ bytes: Buffer.from(text), end });

t.test('right answers are accepted', async (t) => {
  const statusesOf = (conversation: Conversation, text: string) =>
    judge(conversation, receive(text)).map(({ status }) => status);
  t.strictSame(statusesOf(talk(good, last), HI + envelope(404, ',"details":{"a":1}')), [200, 404]);
  t.strictSame(statusesOf(talk(good, broken), HI), [200], 'a broken request needs no answer');
  t.strictSame(statusesOf(talk(good, broken), HI + envelope(400)), [200, 400]);
  t.strictSame(statusesOf(talk(last, good), envelope(400)), [400], 'nothing after the last request needs an answer');
  t.strictSame(judge(talk(good, last, good), receive('', 'broken')), [], 'a reset discards answers');
  t.strictSame(judge(talk(good, tunnel, last), receive('')), [], 'CONNECT closes the connection without an answer');
  t.equal(judge(talk(identified), receive(answer(200, 'hi', 'text/plain', 'X-Request-Id: mine\r\n'))).length, 1);
});

t.test('every wrong answer is found', async (t) => {
  const rows: Record<string, [conversation: Conversation, received: Received, expected: RegExp]> = {
    silence: [talk(good, last), receive('', 'silent'), /an answer, or the end/],
    'a missing answer': [talk(good, last), receive(HI), /^2 answers$/],
    'a missing answer, and a reset with no other cause': [talk(good, last), receive(HI, 'broken'), /^2 answers$/],
    'a missing answer before garbage': [talk(good, last, broken), receive(HI), /^2 answers$/],
    'an additional answer': [talk(good), receive(HI + HI), /^1 answers$/],
    'an answer to CONNECT': [talk(tunnel, last), receive(envelope(404)), /^0 answers$/],
    'another order': [talk(good, last), receive(envelope(404) + HI), /^a 200$/],
    'another status': [talk(good), receive(envelope(404)), /^a 200$/],
    'another body': [talk(good), receive(answer(200, 'ho')), /^the body hi$/],
    'a foreign error': [talk(last), receive(answer(404, '{"error":"Not Found"}')), /^the envelope of a 404$/],
    'an error that is not JSON': [talk(last), receive(answer(404, 'no')), /^the envelope of a 404$/],
    'an error without a body': [talk(last), receive(answer(404, '')), /^the envelope of a 404$/],
    'another code': [talk(last), receive(answer(404, '{"code":"400","message":"m"}')), /^the envelope of a 404$/],
    'an additional member': [talk(last), receive(envelope(404, ',"statusCode":404')), /^the envelope of a 404$/],
    'an error of another type': [talk(last), receive(answer(404, '', 'text/html')), /application\/json/],
    'an error of another type after garbage': [
      talk(broken),
      receive(answer(400, '', 'text/html')),
      /application\/json/,
    ],
    'a charset': [
      talk(good),
      receive(answer(200, 'hi', 'application/json; charset=utf-8')),
      /^a 200 of the type application\/json$/,
    ],
    'no id': [talk(last), receive(answer(200, 'hi', 'text/plain', '')), /^the x-request-id of the server on a 200$/],
    'another id': [talk(identified), receive(HI), /^the x-request-id mine on a 200$/],
    'a Retry-After': [
      talk(good),
      receive(answer(200, 'hi', 'text/plain', 'X-Request-Id: a\r\nRetry-After: 1\r\n')),
      /^no Retry-After unless requested$/,
    ],
    'an expectation that fails': [talk(last), receive(envelope(417)), /^no 417$/],
    'an unforeseen error': [talk(last), receive(envelope(500)), /^no 500$/],
  };
  for (const [name, [conversation, received, expected]] of Object.entries(rows))
    t.match((await findingOf(t, () => judge(conversation, received))).expected, expected, name);
});

t.test('growing memory is found', async (t) => {
  const grow = (bytesASecond: number, seconds: number) =>
    Array.from({ length: seconds + 1 }, (_, at) => ({ at: at * 1_000, bytes: 1e8 + at * bytesASecond }));
  requireFlat(grow(0, 120));
  requireFlat(grow(1e5, 120));
  requireFlat(grow(1e9, 10));
  requireFlat([]);
  t.match(await findingOf(t, () => requireFlat(grow(1e6, 120))), { expected: 'memory that stays at 153 MiB' });
});
