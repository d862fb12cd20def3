import t from 'tap';
import { NGINX, NGINX_BODY } from '../../helper.js';
import { pollUntil, spawnBuiltServer } from '../../spawn.js';
import { startLoad } from './load.js';

const HIT = { target: NGINX, bodies: new Set([JSON.stringify(NGINX_BODY)]) };

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} under full load loses no request`, async (t) => {
    for (const connections of [1, 16, 256]) {
      // On a busy machine, the default may be too short for all connections that are not accepted yet.
      const { run, port } = await spawnBuiltServer(t, '--log-level', 'silent', '--close-timeout', '10000');
      const load = startLoad(port, connections, [HIT]);
      await pollUntil(
        async () => load.outcome.answered,
        (answered) => answered > 10 * connections,
      );
      run.child.kill(signal);
      const { wrong, lost } = await load.ended;
      t.strictSame({ wrong, lost }, { wrong: [], lost: 0 }, `${connections} connections`);
      // A close that takes a second longer than its timeout is aborted with another exit code.
      t.equal(await run.ended, 0);
    }
  });
}
