import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { pollUntil, spawnBuild, spawnBuiltServer } from '../../spawn.js';

const target = (version: string) => `/har/api/v1/registry/a/b/+/artifact/app/version/${version}/details`;

const fixture = (version: string) =>
  `registries: [{ ref: a/b, packageType: NPM, artifacts: [{ name: app, versions: [{ version: "${version}" }] }] }]\n`;

/** Saves as many editors do: a new file, renamed over the old one. */
function saveByRename(file: string, content: string): void {
  const fresh = `${file}.tmp~`;
  writeFileSync(fresh, content);
  renameSync(fresh, file);
}

t.test('a server that watches reloads saved fixtures, and keeps the old data if they are invalid', async (t) => {
  const file = join(t.testdir({ 'a.yaml': fixture('1') }), 'a.yaml');
  const { run, url } = await spawnBuiltServer(t, '--watch', '--auth', 'off', '--fixtures', file);
  const status = async (version: string) => (await fetch(url + target(version))).status;
  const logs = (level: number) => {
    const lines = run.stdout.split('\n').filter((line) => line.startsWith(`{"level":${level},`));
    return lines.map((line) => JSON.parse(line).msg as string);
  };
  t.strictSame([await status('1'), await status('2')], [200, 404]);

  saveByRename(file, fixture('2'));
  await pollUntil(
    () => status('2'),
    (found) => found === 200,
  );
  t.equal(await status('1'), 404, 'the old data is gone');
  t.ok(logs(30).includes('fixtures reloaded: 1 version (+1 -1), 0 keys'));

  saveByRename(file, 'registries: [{ ref: a/b, packageType: NPN }]\n');
  await run.until(/"level":50,.*\n/);
  t.equal(await status('2'), 200, 'the old data is kept');
  const [refusal, ...others] = logs(50) as [string];
  t.strictSame(others, []);
  const [head, problem, ...more] = refusal.split('\n') as [string, string];
  t.equal(head, 'fixtures not reloaded, the old data is kept:');
  t.match(problem, `${file}:1:26: registries[0].packageType: found "NPN", expected one of `);
  t.ok(problem.endsWith('; did you mean "NPM"?'));
  t.strictSame(more, []);

  saveByRename(file, fixture('3'));
  await pollUntil(
    () => status('3'),
    (found) => found === 200,
  );
  t.equal(await status('2'), 404);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
  t.equal(run.stderr, '');
});

t.test('what cannot be read is named, and neither blocks nor ends the process', async (t) => {
  const folder = t.testdir({ 'a.yaml': fixture('1') });
  execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
  const { run, url } = await spawnBuiltServer(t, '--watch', '--auth', 'off', '--fixtures', folder);
  const status = async () => (await fetch(url + target('1'))).status;
  await run.until(/files skipped: [^"]*pipe\.yaml \(not a regular file\)/);
  execFileSync('mkfifo', [join(folder, 'other.ndjson')]);
  symlinkSync('/dev/zero', join(folder, 'zero.json'));
  saveByRename(join(folder, 'b.yaml'), 'registries: []\n');
  await run.until(
    /fixtures reloaded: 1 version \(\+0 -0\), 0 keys.*\n.*other\.ndjson \(not a regular.*zero\.json \(not a regular/,
  );
  t.equal(await status(), 200);
  for (const path of ['pipe.yaml', 'zero.json']) {
    const refused = spawnBuild(t, ['--port', '0', '--fixtures', join(folder, path)]);
    t.equal(await refused.ended, 1);
    t.match(refused.stderr, /^\S+: is not a regular file; expected files that end in .*\n$/);
  }
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
});

t.test('with 256 MB of heap, data that is too large is refused, and data and process are kept', async (t) => {
  const dense = (open: string, item: (index: number) => string, count: number) =>
    `{"registries":[{"ref":"a/b","packageType":"NPM","artifacts":[{"name":"app","versions":[{"version":"1","extra":{"a":${open}` +
    `${Array.from({ length: count }, (_, index) => item(index)).join(',')}]}}]}]}]}`;
  const folder = t.testdir({ 'a.yaml': fixture('1') });
  const large = { NODE_OPTIONS: '--max-old-space-size=256' };
  const run = spawnBuild(t, ['--port', '0', '--watch', '--auth', 'off', '--fixtures', folder], large);
  const [, url = '', port] = await run.until(/^Listening on (http:\/\/.*:(\d+))\n/m);
  const status = async () => (await fetch(url + target('1'))).status;
  const rows: [name: string, text: string][] = [
    ['b.yaml', dense('[', () => '1', 1_000_000).replace('{"registries"', '{registries')],
    ['b.json', dense('[', (index) => `{"k${index}":{}}`, 1_000_000)],
    ['b.ndjson', `{"registry":"a/b","packageType":"NPM","artifact":"x","version":"${'x'.repeat(90_000_000)}"}`],
    ['c.json', `"${'x'.repeat(90_000_000)}"`],
  ];
  for (const [name, text] of rows) {
    const file = join(folder, name);
    writeFileSync(file, text);
    await run.until(
      new RegExp(`not reloaded[^"]*${name}: (?:a line )?needs about \\d+ MiB of memory, and this process has`),
    );
    t.equal(await status(), 200, name);
    const refused = spawnBuild(t, ['validate', file], large);
    t.equal(await refused.ended, 1, name);
    t.match(
      refused.stderr,
      /^\S+: (?:a line )?needs about \d+ MiB of memory, and this process has \d+; split it, .*\n$/,
    );
    rmSync(file);
    await pollUntil(
      async () => run.stdout.split('fixtures reloaded').length,
      (reloads) => reloads > rows.findIndex((row) => row[0] === name) + 1,
    );
  }

  const body = dense('[', (index) => `{"k${index}":{}}`, 650_000);
  const head = `PUT /__admin/fixtures HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  for (let round = 0; round < 20; round += 1) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.write(head + body.slice(0, 9_000_000), resolve));
    socket.destroy();
  }
  t.equal(await status(), 200);
  const headers = { 'content-type': 'application/json' };
  const { status: answered } = await fetch(`${url}/__admin/fixtures`, { method: 'PUT', headers, body });
  t.equal(answered, 200, 'the largest body is merged');
  t.equal(await status(), 200);
  run.child.kill('SIGTERM');
  t.equal(await run.ended, 0);
});
