import { spawnSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { NGINX, NGINX_BODY } from '../../helper.js';
import { fromBuild, spawnProgram } from '../../spawn.js';

const hasTerminal = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false;

const quoted = (args: readonly string[]) => args.map((arg) => `'${arg}'`).join(' ');

t.test(
  'on a terminal, the start shows what is served, and a curl command that gets a 200',
  { skip: !hasTerminal },
  async (t) => {
    // `exec`, because otherwise dash would stay, be killed by Ctrl-C too, and hide the exit code.
    const command = `exec ${quoted([process.execPath, ...fromBuild('--port', '0')])}`;
    const run = spawnProgram(t, 'script', ['-qec', command, '/dev/null'], { SHELL: '/bin/sh' });
    const [, url = ''] = await run.until(/^Listening on (.*)\r\n/m);
    const written = stripVTControlCharacters(run.stdout).replaceAll('\r', '');
    t.match(written, '\n  serves  40 versions of 24 artifacts in 14 registries\n');
    t.match(written, '\n  auth    strict, 4 keys\n');

    const [, key, target] = /^ {2}try {5}curl -H 'x-api-key: (.*)' '(.*)'$/m.exec(written) as unknown as string[];
    t.equal(target, url + NGINX);
    const response = await fetch(target as string, { headers: { 'x-api-key': key as string } });
    t.equal(response.status, 200);
    t.strictSame(await response.json(), NGINX_BODY);

    t.equal((await fetch(`${url}/nope`)).status, 404);
    await run.until(/404.* GET \/nope/);
    const requests = stripVTControlCharacters(run.stdout)
      .split('\r\n')
      .filter((line) => line.includes(' GET '));
    t.equal(requests.length, 2);
    t.match(requests[0], /^200 GET acme\/platform\/web\/images library\/nginx 1\.25\.3 {2}\d+\.\d ms$/);
    t.match(requests[1], /^404 GET \/nope {2}unknownRoute: .* ms$/);

    run.child.stdin?.write('\x03');
    t.equal(await run.ended, 0, 'Ctrl-C ends it');
    t.match(stripVTControlCharacters(run.stdout), 'INFO: SIGINT: closing');
  },
);

for (const environment of [{ NO_COLOR: '1', TERM: 'xterm-256color' }, { TERM: 'dumb' }, { TERM: 'xterm-256color' }]) {
  const hasColors = !('NO_COLOR' in environment) && environment.TERM !== 'dumb';
  const what = `a terminal ${hasColors ? 'has' : 'has no'} colours with ${JSON.stringify(environment)}`;
  t.test(what, { skip: !hasTerminal }, async (t) => {
    const command = `exec ${quoted([process.execPath, ...fromBuild('--port', '0')])}`;
    // A narrow terminal does not break the URL either.
    const script = ['-qec', `stty cols 20; ${command}`, '/dev/null'];
    // The runner of the tests has settings of its own, and Node shows no colours where CI is set.
    const unset = { CI: undefined, FORCE_COLOR: undefined, NO_COLOR: undefined, NODE_DISABLE_COLORS: undefined };
    const run = spawnProgram(t, 'script', script, { SHELL: '/bin/sh', ...unset, ...environment });
    const [, url = ''] = await run.until(/^Listening on (.*)\r\n/m);
    await fetch(`${url}/nope`);
    await run.until(/404.* GET \/nope.*\r\n/);
    t.equal(run.stdout.includes('\x1b['), hasColors);
    t.match(stripVTControlCharacters(run.stdout), `'${url}${NGINX}'\r\n`);
  });
}
