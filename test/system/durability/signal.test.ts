import { monitorEventLoopDelay } from 'node:perf_hooks';
import t, { type Test } from 'tap';
import { NGINX, NGINX_BODY } from '../../helper.js';
import { pollUntil, spawnBuiltServer } from '../../spawn.js';
import { type Outcome, startLoad } from './load.js';

const HIT = { target: NGINX, bodies: new Set([JSON.stringify(NGINX_BODY)]) };

/** Clients that were paused for this long, in milliseconds, may lose a request by their own fault: the server waits 200. */
const MAX_PAUSE = 100;

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} under full load loses no request`, async (t) => {
    for (const connections of [1, 16, 256]) {
      const { wrong, lost } = await loadUntil(t, signal, connections);
      t.strictSame({ wrong, lost }, { wrong: [], lost: 0 }, `${connections} connections`);
    }
  });
}

/** Sends a signal to a server under load; again, at most ten times, if a busy machine paused the clients meanwhile. */
async function loadUntil(t: Test, signal: NodeJS.Signals, connections: number): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    const { run, port } = await spawnBuiltServer(t, '--log-level', 'silent', '--close-timeout', '5000');
    const load = startLoad(port, connections, [HIT]);
    await pollUntil(
      async () => load.outcome.answered,
      (answered) => answered > 10 * connections,
    );
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    run.child.kill(signal);
    const outcome = await load.ended;
    delay.disable();
    // A close that takes a second longer than its timeout is aborted with another exit code.
    t.equal(await run.ended, 0);
    const wasPaused = delay.max / 1e6 >= MAX_PAUSE;
    if (outcome.lost === 0 || !wasPaused || attempt === 10) return outcome;
    t.comment(`the clients were paused for ${Math.round(delay.max / 1e6)} ms: again`);
  }
}
