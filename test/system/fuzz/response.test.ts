import t from 'tap';
import { isAnswered, readResponses } from '../../../fuzz/wire/response.js';
import { findingOf } from './support.js';

const read = (text: string, ...methods: string[]) => [...readResponses(Buffer.from(text, 'latin1'), methods)];

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

t.test('reads several answers', async (t) => {
  const responses = read(
    `${OK}HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n` +
      '2\r\nhi\r\n3\r\n ho\r\n0\r\n\r\nHTTP/1.1 404 Not Found\r\ncontent-length: 9\r\nA: b \r\na: c\r\nConnection: close\r\n\r\n',
    ...['GET', 'DELETE', 'GET', 'HEAD'],
  );
  t.strictSame(
    responses.map(({ status, body }) => [status, body.toString()]),
    [
      [200, 'hi'],
      [204, ''],
      [200, 'hi ho'],
      [404, ''],
    ],
  );
  t.strictSame(responses[3]?.headers.get('a'), ['b', 'c']);
  t.strictSame(read(''), []);
});

t.test('every malformed answer is found', async (t) => {
  const rows: Record<string, [bytes: string, expected: RegExp]> = {
    'a foreign protocol': ['\x16\x03\x01 nonsense\r\n\r\n', /status line/],
    'another version': ['HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n', /status line/],
    'a status of two digits': ['HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n', /status line/],
    'half a head': ['HTTP/1.1 200 OK\r\nContent-', /head of an answer/],
    'no length': ['HTTP/1.1 200 OK\r\n\r\nhi', /one content-length/],
    'two lengths': ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi', /one content-length/],
    'a length and chunks': [
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      /one content-length/,
    ],
    'a length in words': ['HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi', /content-length \+2/],
    'too short a body': ['HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi', /content-length 3/],
    'too long a body': ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhi', /head of an answer/],
    'a broken chunk': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhi\r\n0\r\n\r\n', /complete chunk/],
    'no last chunk': ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n', /complete chunk/],
    'a folded line': ['HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n', /header field/],
    'a bare line feed': ['HTTP/1.1 200 OK\r\nA: b\nContent-Length: 0\r\n\r\n', /header field/],
    'a space in a name': ['HTTP/1.1 200 OK\r\nA : b\r\n\r\n', /header field/],
    'an answer after the last': [`HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n${OK}`, /nothing/],
  };
  for (const [name, [bytes, expected]] of Object.entries(rows))
    t.match((await findingOf(t, () => read(bytes))).expected, expected, name);
});

t.test('knows when all answers have arrived', async (t) => {
  const bytes = Buffer.from(OK + OK);
  t.equal(isAnswered(bytes, ['GET', 'GET']), true);
  t.equal(isAnswered(bytes.subarray(0, -1), ['GET', 'GET']), false);
  t.equal(isAnswered(Buffer.alloc(0), []), true);
});
