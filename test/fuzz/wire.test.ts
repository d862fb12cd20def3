import t, { type Test } from 'tap';
import { Failure } from '../../fuzz/failure.js';
import { startServer } from '../../fuzz/server.js';
import type { Service } from '../../fuzz/service.js';
import { fuzzControl, fuzzTraffic, type Subject, sweepEscapes } from '../../fuzz/wire/fuzz.js';
import { type Known, learnBodies } from '../../fuzz/wire/known.js';
import { makeTally } from '../../fuzz/wire/tally.js';

const SEED = 1;

/** A server that is started again once it has ended. */
async function makeSubject(t: Test, start: () => Promise<Service>, learn: (server: Service) => Promise<Known[]>) {
  let server = await start();
  t.teardown(() => server.stop());
  const revive = async () => {
    if (server.trouble() !== undefined) {
      await server.stop();
      server = await start();
    }
    return server;
  };
  const subject: Subject = { server: revive, known: await learn(server), tally: makeTally() };
  return subject;
}

t.test(`every answer is HTTP and the contract's, whatever is sent, with seed ${SEED}`, async (t) => {
  const subject = await makeSubject(t, () => startServer(), learnBodies);
  await sweepEscapes(subject, SEED);
  await fuzzTraffic(subject, { seed: SEED, runs: 30 });
  await fuzzControl(subject, { seed: SEED, runs: 20 });
  const { answers } = subject.tally;
  for (const status of [200, 204, 400, 404, 405]) t.ok(answers.get(status), `${status} is among them`);
  t.notOk(answers.get(500), 'nothing is unforeseen');
  t.equal((await subject.server()).trouble(), undefined);
});

/** The server with something broken on purpose: takes code that is run before each request, and may return. */
const brokenServer = (code: string) => () => {
  const preload = `import { Server } from 'node:http';
    const { emit } = Server.prototype;
    Server.prototype.emit = function (name, request, response) {
      if (name === 'request') { ${code} }
      return emit.apply(this, arguments);
    };`;
  return startServer({ node: ['--import', `data:text/javascript,${encodeURIComponent(preload)}`] });
};

/** What a server that is not broken answers. */
async function learnRight(): Promise<Known[]> {
  const server = await startServer();
  try {
    return await learnBodies(server);
  } finally {
    await server.stop();
  }
}

t.test('what is wrong is found, and cut down to its cause', async (t) => {
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

t.test('an end of the process, an error in its log and a wrong status are found', async (t) => {
  const rows: [code: string, expected: RegExp, found: RegExp][] = [
    [`if (request.url.includes('%00')) process.exit(3);`, /^a process that lives, /, /ended with exit code 3:/],
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
