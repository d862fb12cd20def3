import t from 'tap';
import { parseAutocannon } from '../../../bench/load/autocannon.js';
import { requireExpected } from '../../../bench/load/generator.js';
import { parseWrk } from '../../../bench/load/wrk.js';

/** The output of wrk, with further lines after the number of requests. */
const wrkReport = (p99: string, ...errors: string[]): string => `Running 1s test @ http://127.0.0.1:18999/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.05ms    4.93ms  63.10ms   96.39%
    Req/Sec    27.81k    12.43k   39.27k    70.00%
  Latency Distribution
     50%    0.85ms
     75%    1.29ms
     90%    3.69ms
     99%   ${p99}
  27642 requests in 1.00s, 3.27MB read
${errors.map((line) => `  ${line}\n`).join('')}Requests/sec:  27522.69
Transfer/sec:      3.25MB
`;

t.test('the output of wrk is parsed', async (t) => {
  const sample = { requestsPerSecond: 27522.69, p99: 29.36, answered: 27642, expected: 27642, failed: 0 };
  t.strictSame(parseWrk(wrkReport('29.36ms'), 200), sample);
  for (const [text, p99] of [
    ['500.00us', 0.5],
    ['1.50s ', 1_500],
    ['1.00m', 60_000],
  ] as const)
    t.equal(parseWrk(wrkReport(text), 200).p99, p99, text);
  t.throws(() => parseWrk('unable to connect', 200), /wrk printed no/);
});

t.test('the output of wrk counts errors and failed connections', async (t) => {
  const errors = wrkReport('1.00ms', 'Non-2xx or 3xx responses: 27642');
  t.match(parseWrk(errors, 404), { answered: 27642, expected: 27642 });
  t.match(parseWrk(errors, 200), { answered: 27642, expected: 0 });
  t.match(parseWrk(wrkReport('1.00ms'), 404), { expected: 0 });
  const failures = wrkReport('1.00ms', 'Socket errors: connect 1, read 2, write 3, timeout 4');
  t.equal(parseWrk(failures, 200).failed, 10);
});

const autocannonReport = (statusCodeStats: object, more: object = {}): string =>
  JSON.stringify({
    duration: 2,
    errors: 0,
    timeouts: 0,
    requests: { total: 300 },
    latency: { p99: 9 },
    statusCodeStats,
    ...more,
  });

t.test('the result of autocannon is parsed', async (t) => {
  const sample = { requestsPerSecond: 150, p99: 9, answered: 300, expected: 300, failed: 0 };
  t.strictSame(parseAutocannon(autocannonReport({ '401': { count: 300 } }), 401), sample);
  t.match(parseAutocannon(autocannonReport({ '401': { count: 300 } }), 404), { expected: 0 });
  t.match(parseAutocannon(autocannonReport({}, { errors: 2, timeouts: 3 }), 200), { expected: 0, failed: 5 });
  t.throws(() => parseAutocannon('', 200));
});

t.test('a sample with an unexpected status or a failure is refused', async (t) => {
  const sample = { requestsPerSecond: 1, p99: 1, answered: 2, expected: 2, failed: 0 };
  t.doesNotThrow(() => requireExpected(sample, 200));
  t.throws(() => requireExpected({ ...sample, expected: 1 }, 404), /^1 of 2 answers had status 404, and 0 requests/);
  t.throws(() => requireExpected({ ...sample, failed: 1 }, 200), /1 requests failed/);
  t.throws(() => requireExpected({ ...sample, answered: 0, expected: 0 }, 200), /0 of 0/);
});
