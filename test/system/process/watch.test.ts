import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { watchFixtures } from '../../../src/seed/watch.js';
import { writeFixtures } from '../../../src/seed/write.js';
import { build, seedStore } from '../../helper.js';
import { pollUntil, spawnServer } from '../../spawn.js';

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
  const { run, url } = await spawnServer(t, '--watch', '--auth', 'off', '--fixtures', file);
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
  t.ok(logs(30).includes('fixtures reloaded'));

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

t.test('a folder is watched for new and removed files, at any depth', async (t) => {
  const folder = t.testdir({ 'a.yaml': fixture('1'), deep: { 'notes.txt': '' } });
  const store = seedStore(t, [folder]);
  const app = build(t, { store, auth: 'off' });
  let calls = 0;
  const stop = await watchFixtures(
    [folder],
    () => {
      calls += 1;
      writeFixtures([folder], store.seed);
    },
    (error) => t.fail(String(error)),
  );
  t.equal(calls, 0, 'files that exist at the start are not changes');

  const status = async () => (await app.inject(target('1').replace('/b/', '/c/'))).statusCode;
  writeFileSync(join(folder, 'deep/b.yaml'), fixture('1').replace('a/b', 'a/c'));
  await pollUntil(status, (found) => found === 200);
  renameSync(join(folder, 'deep/b.yaml'), join(folder, 'deep/b.txt'));
  await pollUntil(status, (found) => found === 404);
  t.ok(calls >= 2);
  await stop();
});

t.test('after stop, there are no more calls', async (t) => {
  const folder = t.testdir({ 'a.yaml': '' });
  const calls = { stopped: 0, other: 0 };
  const stop = await watchFixtures(
    [folder],
    () => {
      calls.stopped += 1;
    },
    (error) => t.fail(String(error)),
  );
  const stopOther = await watchFixtures(
    [folder],
    () => {
      calls.other += 1;
    },
    (error) => t.fail(String(error)),
  );
  await stop();
  writeFileSync(join(folder, 'a.yaml'), 'registries: []');
  await pollUntil(
    async () => calls.other,
    (count) => count > 0,
  );
  t.equal(calls.stopped, 0);
  await stopOther();
});
