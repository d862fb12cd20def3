import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openStore } from '../../src/store/store.js';

/** Opens a store on request, prints what happened, and keeps the store open until its input ends. */
const SCRIPT = `
  const { openStore } = require(${JSON.stringify(join(__dirname, '../../src/store/store.ts'))});
  process.stdout.write('ready\\n');
  process.stdin.once('data', () => {
    try {
      openStore(process.argv[1]).merge((writer) => writer.addRegistry({ ref: 'acme/go', packageType: 'GO' }));
      process.stdout.write('opened\\n');
    } catch (error) {
      process.stdout.write(error.message + '\\n');
    }
  });`;

/** Starts processes that open one file at the same moment; returns what each says, once all have said it. */
async function openAtOnce(t: Test, file: string, processes: number): Promise<string[]> {
  const children = Array.from({ length: processes }, () =>
    spawn(process.execPath, ['--import=tsx', '--eval', SCRIPT, file], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  t.teardown(() => {
    for (const child of children) child.kill();
  });
  const readLine = async ({ stdout }: (typeof children)[number]) => String((await once(stdout, 'data'))[0]).trim();
  t.strictSame(
    await Promise.all(children.map(readLine)),
    children.map(() => 'ready'),
  );
  for (const { stdin } of children) stdin.write('open\n');
  const said = await Promise.all(children.map(readLine));
  for (const { stdin } of children) stdin.end();
  await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
  return said;
}

t.test('of three processes that start at once on one file, exactly one serves', async (t) => {
  const file = `${t.testdir({})}/store.db`;
  const refused = `store ${file}: is in use by another process; a store file belongs to one process`;
  for (const [round, registries] of [
    ['a new file', 1],
    ['a file of an earlier process', 1],
  ] as const) {
    t.strictSame((await openAtOnce(t, file, 3)).sort(), ['opened', refused, refused], round);
    const store = openStore(file);
    t.equal(store.summarise().registries, registries, 'the file is free again, and has the data');
    store.close();
  }
});
