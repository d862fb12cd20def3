import { METHODS } from 'node:http';
import { type Arbitrary, array, constant, constantFrom, nat, oneof, option, string, tuple } from 'fast-check';
import type { Message } from './conversation.js';
import { lines } from './headers.js';
import { COMMON_LINES, SAFE_HEAD, writeRequest } from './request.js';
import { realTarget, splice, target } from './targets.js';

const method = oneof(
  { weight: 6, arbitrary: constant('GET') },
  { weight: 1, arbitrary: constant('HEAD') },
  { weight: 3, arbitrary: constantFrom(...METHODS.filter((name) => name !== 'CONNECT')) },
);

/** Any bytes, one character a byte. */
export const binary = (maxLength: number): Arbitrary<string> =>
  string({ unit: nat({ max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength });

/** A head that may exceed the limit need not get the answer of a well-formed request. */
function withinLimit(message: Message): Message {
  const isSafe = message.bytes.indexOf('\r\n\r\n') <= SAFE_HEAD;
  return isSafe || message.method === 'HEAD' ? message : { bytes: message.bytes, method: undefined };
}

/** Any well-formed request. */
const wellFormedRequest: Arbitrary<Message> = tuple(method, target, lines, option(binary(200), { freq: 4, nil: '' }))
  .map(([method, target, lines, body]) => writeRequest({ method, target, lines, body }))
  .filter(({ bytes, method }) => method !== 'HEAD' || bytes.length < SAFE_HEAD)
  .map(withinLimit);

/** A request with a chunked body, with extensions and trailers. */
const chunkedRequest: Arbitrary<Message> = tuple(
  constantFrom('GET', 'POST', 'PUT'),
  target,
  array(tuple(binary(40), constantFrom('', ';a', ';a=b', ';a="b"')), { maxLength: 3 }),
  constantFrom('', 'X-Trailer: 1\r\n'),
).map(([method, target, chunks, trailer]) => {
  const written = chunks
    .filter(([data]) => data !== '')
    .map(([data, extension]) => `${data.length.toString(16)}${extension}\r\n${data}\r\n`);
  const head = writeRequest({ method, target, lines: ['Transfer-Encoding: chunked'] });
  return withinLimit({ ...head, bytes: `${head.bytes}${written.join('')}0\r\n${trailer}\r\n` });
});

/** A request that ends its connection: by a header, as HTTP/1.0, or as CONNECT, which gets no answer. */
const lastRequest: Arbitrary<Message> = tuple(constantFrom('GET', 'POST', 'PROPFIND'), target, nat({ max: 3 })).map(
  ([method, target, way]) => {
    const tunnel = `CONNECT ${way === 3 ? 'localhost:1' : '[::1]:443'} HTTP/1.1\r\n${COMMON_LINES.join('\r\n')}\r\n\r\n`;
    if (way > 1) return { bytes: tunnel, method: undefined, isLast: true };
    const { bytes } = writeRequest({ method, target, lines: way === 0 ? ['Connection: close'] : [] });
    const old = way === 1 ? bytes.replace(' HTTP/1.1\r\n', ' HTTP/1.0\r\n') : bytes;
    return withinLimit({ bytes: old, method, isLast: true });
  },
);

/** A request with some of its bytes replaced or removed. */
const brokenRequest: Arbitrary<Message> = tuple(
  realTarget,
  array(
    tuple(nat(), nat({ max: 20 }), oneof(binary(6), constantFrom('\r\n', '\n', '\0', ' ', ':', '\r\n\r\n', '\r'))),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
).map(([target, edits]) => {
  const { bytes } = writeRequest({ target, body: 'body' });
  const broken = edits.reduce((text, edit) => splice(text, ...edit), bytes);
  return { bytes: broken, method: undefined };
});

const good = `GET /healthz HTTP/1.1\r\n${COMMON_LINES.join('\r\n')}\r\n`;

/** Invalid requests, and requests that parsers disagree about. */
const ODDITIES = [
  'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
  'GET / HTTP/1.1\r\n\r\n',
  'GET /\r\n\r\n',
  'GET  / HTTP/1.1\r\n\r\n',
  'FROB / HTTP/1.1\r\nHost: x\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  '\r\n\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http:// HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http://@@/ HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET file:///etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n',
  `${good}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
  `${good}Content-Length: -1\r\n\r\n`,
  `${good}Content-Length: 99999999999999999999\r\n\r\n`,
  `${good}Content-Length: 5\r\n\r\nab`,
  `${good}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `${good}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
  `${good}Transfer-Encoding: gzip\r\n\r\nab`,
  `${good}Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n`,
  `${good}Transfer-Encoding: chunked\r\n\r\n5\r\nab\r\n0\r\n\r\n`,
  `${good}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n`,
  `${good}Transfer-Encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\na\r\n0\r\n\r\n`,
  `${good}Transfer-Encoding: chunked\r\n\r\n0\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
  `${good}X Y: z\r\n\r\n`,
  `${good}: z\r\n\r\n`,
  `${good}X: a\r\n folded\r\n\r\n`,
  `${good}X: \0\r\n\r\n`,
  `${good}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
  `${good}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n`,
  `${good}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n\x81\x85`,
];

/** An unknown expectation is ignored. */
const expectation: Arbitrary<Message> = constantFrom('magic', '200-ok', '100-continue').map((value) => ({
  ...writeRequest({ target: '/healthz', lines: [`Expect: ${value}`] }),
  statuses: [200],
}));

/** An over-long target, header, method or line. */
const overlong: Arbitrary<Message> = tuple(
  constantFrom<(long: string) => string>(
    (long) => `GET /${long} HTTP/1.1\r\nHost: x\r\n\r\n`,
    (long) => `GET /har/api/v1/registry/${'a/artifact/'.repeat(long.length / 11)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    (long) => `GET / HTTP/1.1\r\nHost: x\r\nX: ${long}\r\n\r\n`,
    (long) => `GET / HTTP/1.1\r\nHost: x\r\n${long}: x\r\n\r\n`,
    (long) => `${long} / HTTP/1.1\r\nHost: x\r\n\r\n`,
    (long) => `GET / HTTP/1.1${long}\r\n\r\n`,
    (long) => `GET / HTTP/1.1\r\n${'X:\r\n'.repeat(long.length / 4)}\r\n`,
    (long) => long,
  ),
  constantFrom(16_300, 16_384, 20_000, 70_000),
  constantFrom('x', '%', '\xff', '/', '%2F', '\r\n'),
).map(([write, length, unit]) => ({ bytes: write(unit.repeat(length / unit.length)), method: undefined }));

const garbage: Arbitrary<Message> = oneof(constantFrom(...ODDITIES), binary(200)).map((bytes) => ({
  bytes,
  method: undefined,
}));

/** A message that changes nothing on the server. */
export const message: Arbitrary<Message> = oneof(
  { weight: 10, arbitrary: wellFormedRequest },
  { weight: 1, arbitrary: chunkedRequest },
  { weight: 1, arbitrary: lastRequest },
  { weight: 1, arbitrary: expectation },
  { weight: 2, arbitrary: brokenRequest },
  { weight: 1, arbitrary: garbage },
  { weight: 1, arbitrary: overlong },
);
