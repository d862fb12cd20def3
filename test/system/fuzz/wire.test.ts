import t, { type Test } from 'tap';
import { Failure } from '../../../fuzz/failure.js';
import { startServer } from '../../../fuzz/service.js';
import { fuzzAbandoned } from '../../../fuzz/wire/abandon.js';
import { createSubject, fuzzAdmin, fuzzTraffic, type Subject, sweepEscapes } from '../../../fuzz/wire/fuzz.js';
import { type Known, learnBodies } from '../../../fuzz/wire/known.js';

const SEED = 1;

/** Creates a subject whose server stops with the test. */
async function makeSubject(t: Test, ...args: Parameters<typeof createSubject>): Promise<Subject> {
  const subject = await createSubject(...args);
  t.teardown(() => subject.stop());
  return subject;
}

t.test(`every answer is HTTP and matches the contract, with seed ${SEED}`, async (t) => {
  const subject = await makeSubject(t, () => startServer(), learnBodies);
  await sweepEscapes(subject, SEED);
  await fuzzTraffic(subject, { seed: SEED, runs: 30 });
  await fuzzAdmin(subject, { seed: SEED, runs: 20 });
  await fuzzAbandoned(subject, { seed: SEED, runs: 5 });
  const { answers } = subject.tally;
  for (const status of [200, 204, 400, 404, 405]) t.ok(answers.get(status), `some ${status}`);
  t.notOk(answers.get(500), 'no unforeseen error');
  t.equal((await subject.server()).trouble(), undefined);
});

/** Starts a server with a bug: the code runs before each request, and may return. */
const brokenServer = (code: string) => () => {
  const preload = `import { Server } from 'node:http';
    const { emit } = Server.prototype;
    Server.prototype.emit = function (name, request, response) {
      if (name === 'request') { ${code} }
      return emit.apply(this, arguments);
    };`;
  return startServer(['--import', `data:text/javascript,${encodeURIComponent(preload)}`]);
};

/** Learns the answers of a server without a bug. */
async function learnRight(): Promise<Known[]> {
  const server = await startServer();
  try {
    return await learnBodies(server);
  } finally {
    await server.stop();
  }
}

t.test('a bug is found, and its input is minimised', async (t) => {
  const broken = brokenServer(
    `if (request.method === 'PUT') return response.writeHead(404, { 'content-type': 'application/json' }).end('{}');`,
  );
  const subject = await makeSubject(t, broken, learnRight);
  const failure = await fuzzTraffic(subject, { seed: SEED, runs: 300 }).catch((error) => error);
  t.type(failure, Failure);
  t.match(failure.finding, { expected: 'the envelope of a 404', found: '{}' });
  t.match(failure.input, /^"PUT \S+ HTTP\/1\.1\\r\\nHost: [^\n]*$/);
  t.equal(failure.seed, SEED);
});

t.test('the end of the process, a logged error and a wrong status are found', async (t) => {
  const rows: [code: string, expected: RegExp, found: RegExp][] = [
    [`if (request.url.includes('%00')) process.exit(3);`, /^a process that runs /, /ended with exit code 3:/],
    [`if (request.url.includes('%00')) { console.error('boom'); request.url = '/%'; }`, /logs no error$/, /boom/],
    [`request.url = request.url.replaceAll('%0', '%f');`, /^a 404$/, /^a 400: /],
  ];
  for (const [code, expected, found] of rows) {
    const subject = await makeSubject(t, brokenServer(code), async () => []);
    const failure = await sweepEscapes(subject, SEED).catch((error) => error);
    t.type(failure, Failure, code);
    t.match(failure.finding, { expected, found });
    t.match(failure.input, /^"GET \S+\/w%00b\//);
  }
});
