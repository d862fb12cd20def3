import t from 'tap';
import { escapeBytes, Failure, Finding, formatFailure } from '../../../fuzz/failure.js';
import { showConversation, toPieces } from '../../../fuzz/wire/conversation.js';

t.test('a failure is shown with its seed, its input and the command that repeats it', async (t) => {
  const failure = new Failure(new Finding('a 404', 'a 500'), 'first\nsecond', 42);
  t.equal(
    formatFailure('wire', failure),
    [
      'FAILED wire',
      '  seed      42',
      '  input     first',
      '            second',
      '  expected  a 404',
      '  found     a 500',
      '  again     npm run fuzz -- --only wire --seed 42',
      '',
    ].join('\n'),
  );
});

t.test('every byte is visible', async (t) => {
  t.equal(escapeBytes('GET /\xff\0\x7f"\\ HTTP/1.1\r\n'), '"GET /\\xff\\x00\\x7f\\"\\\\ HTTP/1.1\\r\\n"');
});

t.test('a conversation is shown in the pieces that are sent', async (t) => {
  const messages = [
    { bytes: 'abc', method: undefined },
    { bytes: 'd'.repeat(3_000), method: undefined },
    { bytes: Array.from({ length: 900 }, (_, at) => `${at},`).join(''), method: undefined },
  ];
  const conversation = { messages, cuts: [1, 3_003, 2], isAborted: true };
  t.strictSame(
    toPieces(conversation).map(({ length }) => length),
    [1, 1, 3_001, 3_490],
  );
  const shown = showConversation(conversation).split('\n');
  t.strictSame(shown.slice(0, 2), ['"a"', '"b"']);
  t.equal(shown[2], '"cd{3000}"');
  t.match(shown[3], /^"0,1,2,.*\d+ and 1492 more characters$/);
  t.equal(shown[4], '(then the client resets the connection)');
});
