import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import type { Test } from 'tap';
import { main } from '../../src/commands/main.js';
import { formatBanner } from '../../src/commands/serve.js';
import type { Environment } from '../../src/config/load.js';
import { createLogger } from '../../src/journal/log.js';
import { startServer } from '../../src/server.js';
import { configure } from '../helper.js';
import { requireBuild } from '../spawn.js';
import { type Fence, PROJECT } from './page.js';

/** The URL in the docs. */
const SHOWN_URL = 'http://127.0.0.1:8650';

export const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Runs the commands of one page in a folder, against one server at a time. */
export interface Shell {
  /** Starts the server of a command such as `harness-registry-mock --watch`; returns what a terminal would show. */
  serve(command: string): Promise<string>;
  /** Runs a command; returns what it prints, with the URL of the docs. */
  run(command: string): Promise<string>;
}

/** Creates a folder with the files of a page, the command and the library in it. */
export function openShell(t: Test, fences: readonly Fence[]): Shell {
  const folder = t.testdir();
  for (const { file, text } of fences) {
    if (file === undefined) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  writeFileSync(join(folder, '.curlrc'), 'silent\nshow-error\n');
  const script = (name: string, line: string) =>
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  mkdirSync(join(folder, 'bin'));
  requireBuild();
  script('harness-registry-mock', `exec "${process.execPath}" "${join(PROJECT, 'dist/cli.js')}" "$@"`);
  script('npx', 'exec "$@"');
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(PROJECT, join(folder, 'node_modules/harness-registry-mock'));
  const environment = {
    HOME: folder,
    CURL_HOME: folder,
    PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
  };
  let url = SHOWN_URL;
  let close = async () => {};
  t.teardown(() => close());

  return {
    async serve(command) {
      await close();
      const args = command.split(/\s+/).filter((word) => !/^(?:npx|harness-registry-mock|serve)$/.test(word));
      const config = configure(args);
      const fixtures = config.fixtures.map((path) => resolve(folder, path));
      const db = config.db && resolve(folder, config.db);
      const server = await startServer(
        { ...config, port: 0, fixtures, db },
        await createLogger('silent', process.stderr),
      );
      close = server.close;
      url = server.url;
      return `${formatBanner({ ...server, url: SHOWN_URL }).trim()}\n\nListening on ${SHOWN_URL}`;
    },
    async run(command) {
      const env = { ...environment, REGISTRY_MOCK_PORT: new URL(url).port };
      const run = isSimple(command) ? runHere : runInShell;
      const printed = await run(command.replaceAll(SHOWN_URL, url), folder, env);
      return printed.replaceAll(url, SHOWN_URL).replaceAll('\r', '').trim();
    },
  };
}

/** Whether a command is ours and needs no shell and no terminal; it runs in this process, which is faster. */
const isSimple = (command: string) => /^(?:npx )?harness-registry-mock (?!exec)[^|>$]*$/.test(command);

async function runHere(command: string, folder: string, environment: Environment): Promise<string> {
  const words = [...command.replaceAll('\\\n', ' ').matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const args = words.slice(words.indexOf('harness-registry-mock') + 1);
  const { stream, text } = collect();
  const before = process.cwd();
  process.chdir(folder);
  try {
    await main(args, {
      env: environment,
      stdin: Readable.from([]),
      stdout: stream,
      stderr: stream,
      on: () => {},
      exit: () => {},
    });
  } finally {
    process.chdir(before);
  }
  return text();
}

function runInShell(command: string, cwd: string, env: Environment): Promise<string> {
  const child = spawn('sh', ['-c', command], { cwd, env });
  const { stream, text } = collect();
  for (const output of [child.stdout, child.stderr]) output.pipe(stream, { end: false });
  return new Promise((done) => child.on('close', () => done(text())));
}

function collect(): { stream: Writable; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  return { stream, text: () => Buffer.concat(chunks).toString() };
}
