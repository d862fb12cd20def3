import { type Arbitrary, array, constantFrom, oneof, string, stringMatching, tuple } from 'fast-check';

/** Values of a Prefer header: faults with an early answer, and invalid ones. */
const preference = oneof(
  constantFrom('code=400', 'code=404', 'code=418', 'code=429', 'code=503', 'code=599', 'code="503"; x', 'CODE = 503'),
  constantFrom('status=FAILURE', 'status=ERROR', 'status=SUCCESS', 'delay=0', 'delay=1-3', 'delay=3-1', 'wait=9'),
  constantFrom(
    'code=429, retry-after=2',
    'retry-after=2',
    'code=',
    'code=200',
    'code=600',
    'code=5e2',
    'delay=-1',
    'delay=1-2-3',
    'fault=none',
    'fault=',
    '=',
    ';',
  ),
  constantFrom('__proto__=1', 'constructor=1', 'toString=1', 'code="503', 'code=503,status=ERROR', ',,,', 'code'),
  stringMatching(/^[a-z_]{1,12}[ =]{1,2}[!-~]{0,6}$/),
);

const session = oneof(
  constantFrom('a', 'b', 'a b', ' ', '__proto__', 'a,b', 'é', 'x'.repeat(101)),
  string({ maxLength: 9 }),
);

/** Headers that have a meaning. */
const meaningful = tuple(
  constantFrom(
    ...['Accept', 'Accept-Encoding', 'Accept-Language', 'Authorization', 'Cookie', 'Content-Encoding', 'Content-Type'],
    ...['Date', 'Forwarded', 'From', 'If-Match', 'If-Modified-Since', 'If-None-Match', 'If-Range', 'Max-Forwards'],
    ...['Origin', 'Pragma', 'Proxy-Connection', 'Range', 'Referer', 'TE', 'Trailer', 'User-Agent', 'Via', 'Warning'],
    ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-HTTP-Method-Override', 'X-Request-Id', 'accept-version', 'x-api-key'],
    ...[
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'Host',
      'HOST',
      'Access-Control-Request-Method',
      'Upgrade',
      'Expect',
    ],
  ),
  oneof(
    constantFrom(
      '',
      '*',
      'bytes=0-1',
      'bytes=9-',
      'bytes=-1,5-',
      'identity;q=0',
      'gzip',
      '*/*;q=x',
      'null',
      'h2c',
      'websocket',
    ),
    constantFrom(
      'application/json',
      'multipart/form-data',
      'text/x; charset=\xff',
      '"',
      'W/"',
      'Bearer',
      'Bearer x',
      '1.0.0',
    ),
    constantFrom(
      'pat.acme.dev.local',
      'sat.acme.web.local',
      'pat.acme.old.local',
      'pat.acme.lost.local',
      'evil.example:1',
    ),
    constantFrom('Thu, 01 Jan 1970 00:00:00 GMT', '-1', '99999999999999999999', '[::1', 'localhost:99999', 'a@b', '\t'),
  ),
).map(([name, value]) => `${name}: ${value}`);

const latin = stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,40}$/);

/** A header line that keeps a request well-formed and its connection open. */
const line: Arbitrary<string> = oneof(
  preference.map((text) => `Prefer: ${text}`),
  session.map((text) => `x-mock-session: ${text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '-')}`),
  meaningful,
  tuple(stringMatching(/^[!#$%&'*+.^_`|~0-9a-z-]{1,16}$/), latin).map(([name, value]) => `x-${name}: ${value}`),
);

/** Some lines, rarely hundreds of them. */
export const lines: Arbitrary<string[]> = oneof(
  { weight: 20, arbitrary: array(line, { maxLength: 5 }) },
  { weight: 1, arbitrary: tuple(line, constantFrom(50, 400)).map(([one, times]) => Array(times).fill(one)) },
);
