import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { KEY, NGINX } from '../../helper.js';
import { pollUntil, type Run, spawnBuild, spawnProgram } from '../../spawn.js';

const hasNginx = spawnSync('nginx', ['-v']).status === 0;
const skip = hasNginx ? false : 'nginx is not installed';

const REPLICAS = 3;

/** How many clients send requests in parallel. */
const CLIENTS = 8;

const headers = { 'x-api-key': KEY };

const base = '/har/api/v1/registry';

/** Requests of every kind: spellings, statuses, keys. */
const REQUESTS: [target: string, headers: Record<string, string>][] = [
  [NGINX, headers],
  [`/gateway${NGINX}`, headers],
  [`${base}/acme%2Fplatform%2Fweb%2Fimages%2F%2B/artifact/library%2Fnginx%2F%2B/version/1.25.3/details`, headers],
  [`${base}/acme/platform/charts/+/artifact/storefront/version/1.4.0_build.5/details`, headers],
  [`${base}/acme/labs/ml/hub/+/artifact/bert/version/v1/details?artifact_type=dataset`, headers],
  [`${base}/acme/labs/ml/hub/+/artifact/bert/version/v1/details`, headers],
  [`${base}/acme/nope/+/artifact/x/version/1/details`, headers],
  [`${base}/acme//pypi/+/artifact/x/version/1/details`, headers],
  [NGINX, {}],
  [NGINX, { ...headers, prefer: 'code=503' }],
  ['/openapi.json', {}],
];

/** Sends a request; returns as one text everything that must be the same from every replica. */
async function ask(url: string, [target, headers]: (typeof REQUESTS)[number]): Promise<string> {
  const response = await fetch(url + target, { headers });
  const named = ['content-type', 'retry-after', 'preference-applied'].map((name) => response.headers.get(name));
  // The document names the server that answered.
  const body = (await response.text()).replace(/http:\/\/127\.0\.0\.1:\d+/, '');
  return JSON.stringify([response.status, ...named, body]);
}

/** Finds free ports, for processes that cannot choose one themselves. */
async function findPorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function startReplica(t: Test, port: number, ...args: string[]): Promise<Run> {
  const run = spawnBuild(t, ['--port', String(port), '--log-level', 'silent', ...args]);
  await run.until(/^Listening on/m);
  return run;
}

const countAll = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);

// biome-ignore lint/suspicious/noExplicitAny: an answer may have any shape
const json = async (response: Promise<Response>): Promise<any> => (await response).json();

/**
 * Starts nginx with the configuration of deploy/; only addresses and folder are replaced.
 *
 * @param replicas the ports of each replica: a second one is that of its successor
 */
async function startBalancer(t: Test, port: number, replicas: readonly number[][]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'registry-mock-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  // Started by root, nginx runs its workers as another user.
  chmodSync(folder, 0o755);
  const configuration = readFileSync('deploy/nginx.conf', 'utf8')
    .replace(/^ *server mock-(\d):8650(.*)\n/gm, (_, number, rest) =>
      (replicas[number - 1] ?? []).map((port) => `server 127.0.0.1:${port}${rest}\n`).join(''),
    )
    .replaceAll('/tmp/', `${folder}/`)
    .replace('listen 8080', `listen 127.0.0.1:${port}`);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration);
  const nginx = spawnProgram(t, 'nginx', ['-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;']);
  const url = `http://127.0.0.1:${port}`;
  await pollUntil(
    () =>
      fetch(`${url}/healthz`).then(
        ({ status }) => status,
        () => nginx.stderr,
      ),
    (status) => status === 200,
  );
  return url;
}

async function startAll(t: Test) {
  const [front = 0, ...ports] = await findPorts(REPLICAS + 1);
  const replicas = await Promise.all(ports.map((port) => startReplica(t, port)));
  return {
    url: await startBalancer(
      t,
      front,
      ports.map((port) => [port]),
    ),
    ports,
    replicas,
  };
}

t.test(
  'replicas that are replaced one by one under load give the same answers, and no request fails',
  { skip, timeout: 240_000 },
  async (t) => {
    const { url, ports, replicas } = await startAll(t);
    const expected = await Promise.all(REQUESTS.map((request) => ask(`http://127.0.0.1:${ports[0]}`, request)));
    const wrong: string[] = [];
    let asked = 0;
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let turn = client; !isOver; turn += 1) {
        const at = turn % REQUESTS.length;
        const answer = await ask(url, REQUESTS[at] as (typeof REQUESTS)[number]).catch(String);
        asked += 1;
        if (answer !== expected[at]) wrong.push(`${REQUESTS[at]?.[0]}: ${answer}`);
      }
    });
    /** Waits until every replica has probably had every kind of request several times. */
    const goOn = () => {
      const enough = asked + REPLICAS * REQUESTS.length * 10;
      return pollUntil(
        async () => asked,
        (count) => count >= enough || wrong.length > 0,
      );
    };
    const countOf = async (port: number) => (await json(fetch(`http://127.0.0.1:${port}/__admin/journal/count`))).count;

    await goOn();
    for (const [index, port] of ports.entries()) {
      t.ok((await countOf(port)) > 0, `replica ${index + 1} has answered`);
      replicas[index]?.child.kill('SIGTERM');
      t.equal(await replicas[index]?.ended, 0, `replica ${index + 1} is stopped`);
      await goOn();
      replicas[index] = await startReplica(t, port);
      await pollUntil(
        () => countOf(port),
        (count) => count > 0,
      );
      await goOn();
    }
    isOver = true;
    await Promise.all(clients);
    t.strictSame(wrong, [], `${asked} requests`);
    t.comment(`${asked} requests, ${REPLICAS} replicas replaced`);
  },
);

t.test(
  'a changed fixture is rolled out as the manifests do under load, and no request fails',
  { skip, timeout: 240_000 },
  async (t) => {
    const { spec } = parse(readFileSync('deploy/kubernetes/deployment.yaml', 'utf8'));
    t.strictSame(spec.strategy, { rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }, 'a new replica starts first');
    const { path } = spec.template.spec.containers[0].readinessProbe.httpGet;
    const bodies = ['before', 'after'].map((version) => ({
      status: 'SUCCESS',
      data: { version: 'v1', packageType: 'GO', name: 'app', createdBy: version, isQuarantined: false },
    }));
    const folder = t.testdir();
    const fixtures = bodies.map(({ data: { createdBy } }) => {
      const artifacts = [{ name: 'app', versions: [{ version: 'v1', createdBy }] }];
      const registries = [{ ref: 'acme/go', packageType: 'GO', artifacts }];
      const file = join(folder, `${createdBy}.json`);
      writeFileSync(file, JSON.stringify({ registries, apiKeys: [{ key: KEY, name: 'k', grants: ['acme'] }] }));
      return file;
    });
    const [front = 0, ...ports] = await findPorts(2 * REPLICAS + 1);
    const start = (port: number, fixture = '') => startReplica(t, port, '--fixtures', fixture);
    const old = ports.slice(0, REPLICAS);
    const replicas = await Promise.all(old.map((port) => start(port, fixtures[0])));
    const pairs = old.map((port, index) => [port, ports[REPLICAS + index] as number]);
    const url = await startBalancer(t, front, pairs);
    const target = `${base}/acme/go/+/artifact/app/version/v1/details`;
    const read = async () => {
      const response = await fetch(url + target, { headers });
      return JSON.stringify([response.status, await response.json()]);
    };
    const known = bodies.map((body) => JSON.stringify([200, body]));
    const answers = new Map<string, number>();
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!isOver) {
        const answer = await read().catch(String);
        answers.set(answer, (answers.get(answer) ?? 0) + 1);
      }
    });
    const goOn = async () => {
      const enough = countAll(answers) + 300;
      await pollUntil(
        async () => countAll(answers),
        (count) => count >= enough,
      );
    };
    await goOn();
    t.strictSame([...answers.keys()], known.slice(0, 1), 'the old fixture is served');
    for (const [index, [, port = 0]] of pairs.entries()) {
      await start(port, fixtures[1]);
      t.equal((await fetch(`http://127.0.0.1:${port}${path}`)).status, 200, `replica ${index + 1} is ready`);
      await goOn();
      replicas[index]?.child.kill('SIGTERM');
      t.equal(await replicas[index]?.ended, 0, `the old replica ${index + 1} is stopped`);
      await goOn();
    }
    isOver = true;
    await Promise.all(clients);
    t.strictSame([...answers.keys()].sort(), [...known].sort(), 'no request fails');
    for (let turn = 0; turn < 2 * REPLICAS; turn += 1) t.equal(await read(), known[1], 'the new fixture is served');
    t.comment(`${countAll(answers)} requests`);
  },
);

t.test(
  'a session always has the same replica, with its faults and its journal',
  { skip, timeout: 120_000 },
  async (t) => {
    const { url, ports } = await startAll(t);
    const names = Array.from({ length: 12 }, (_, index) => `session-${index}`);
    const control = (name: string, method: string, path: string, body?: object) =>
      fetch(`${url}/__admin${path}`, {
        method,
        headers: { 'x-mock-session': name, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
    for (const [index, name] of names.entries()) {
      const armed = await control(name, 'POST', '/faults', { fault: { code: 500 + index }, times: 5 });
      t.equal(armed.status, 201, name);
    }
    for (let turn = 0; turn < 5; turn += 1) {
      for (const [index, name] of names.entries()) {
        const response = await fetch(url + NGINX, { headers: { ...headers, 'x-mock-session': name } });
        t.equal(response.status, 500 + index, `${name}, request ${turn + 1}`);
      }
      t.equal((await fetch(url + NGINX, { headers })).status, 200, 'other requests are not affected');
    }
    for (const name of names) {
      t.equal((await fetch(url + NGINX, { headers: { ...headers, 'x-mock-session': name } })).status, 200);
      t.equal((await json(control(name, 'GET', '/journal/count'))).count, 6, name);
      t.equal((await control(name, 'POST', '/verify')).status, 200, name);
    }
    const held = await Promise.all(
      ports.map(async (port) => (await json(fetch(`http://127.0.0.1:${port}/__admin/faults`))).faults.length as number),
    );
    t.equal(
      held.reduce((sum, count) => sum + count, 0),
      names.length,
    );
    t.ok(
      held.every((count) => count < names.length),
      `the sessions are spread: ${held}`,
    );

    const armed = await control('broken', 'POST', '/faults', { fault: { network: 'empty' }, times: 1 });
    t.equal(armed.status, 201);
    const broken = await fetch(url + NGINX, { headers: { ...headers, 'x-mock-session': 'broken' } });
    t.equal(broken.status, 502, 'the balancer does not try another replica after a network fault');
    t.equal((await fetch(url + NGINX, { headers: { ...headers, 'x-mock-session': 'broken' } })).status, 200);
  },
);
