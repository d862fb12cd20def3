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
  const rows: Record<string, [code: string, expected: RegExp, input: RegExp]> = {
    'an end of the process': [
      `if (request.method === 'PUT') throw new Error('boom');`,
      /^a process that lives, /,
      /^"PUT \S+ HTTP\/1\.1\\r\\nHost: /,
    ],
    'an error of another form': [
      `if (request.method === 'PUT') return response.writeHead(404, { 'content-type': 'application/json' }).end('{}');`,
      /^the envelope of a 404$/,
      /^"PUT \S+ HTTP\/1\.1\\r\\nHost: /,
    ],
  };
  for (const [name, [code, expected, input]] of Object.entries(rows)) {
    const subject = await makeSubject(t, brokenServer(code), learnRight);
    const failure = await fuzzTraffic(subject, { seed: SEED, runs: 300 }).catch((error) => error);
    t.type(failure, Failure, name);
    t.match(failure.finding.expected, expected, name);
    t.match(failure.input, input, name);
    t.equal(failure.seed, SEED);
  }
});

t.test('a wrong status of an escape is found', async (t) => {
  const broken = brokenServer(`request.url = request.url.replaceAll('%0', '%f');`);
  const failure = await sweepEscapes(await makeSubject(t, broken, async () => []), SEED).catch((error) => error);
  t.match(failure.finding, { expected: 'a 404', found: /^a 400: / });
  t.match(failure.input, /^"GET \S+\/w%00b\//);
});
