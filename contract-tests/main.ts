import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../fuzz/service.js';
import { MISTAKES, NO_MISTAKE, startProxy } from './mistakes.js';
import type { Result, Row, Runtime } from './row.js';
import { ROWS } from './rows.js';

const HELP = `Usage: npm run contract-tests -- [--only NAME]... [--mistakes] [--write]

Runs contract tools and clients against the built server, and prints a table.

  --only NAME   runs only the rows whose tool contains NAME, in any case
  --mistakes    also runs every row against a server with a mistake, which it must find
  --write       writes the table to contract-tests/results.md

With REQUIRE_ALL=1, a missing Java, Maven, Python or Go is a failure.
`;

/** How to check for a runtime, and how to get it. */
const RUNTIMES: Record<Runtime, [args: string[], how: string]> = {
  java: [['-version'], 'install a JRE, version 17 or later'],
  javac: [['-version'], 'install a JDK, version 17 or later'],
  mvn: [['-version'], 'install Maven 3.8 or later'],
  python3: [['-m', 'venv', '--help'], 'install Python 3.10 or later, with its venv module'],
  go: [['version'], 'install Go 1.25 or later'],
};

const print = (text: string) => void process.stdout.write(`${text}\n`);

/** Returns why a row cannot run here. */
function findMissing({ needs = [] }: Row): string | undefined {
  const missing = needs.find((program) => spawnSync(program, RUNTIMES[program][0]).status !== 0);
  return missing && `${missing} is missing: ${RUNTIMES[missing][1]}`;
}

/** Runs a row against a server, or against a proxy in front of it. A row that throws has failed. */
async function runRow(row: Row, server: string, url = server): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'harness-registry-mock-contract-'));
  try {
    const document = join(folder, 'openapi.yaml');
    writeFileSync(document, await (await fetch(`${url}/openapi.yaml`)).text());
    return await row.run({ server, url, document, folder });
  } catch (error) {
    return { checks: 1, passed: 0, output: String(error) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a row against the server with each mistake; returns the mistakes that it did not find. */
async function findOverlooked(row: Row, server: string): Promise<string[]> {
  const passes = async (change: typeof NO_MISTAKE) => {
    const proxy = await startProxy(server, change);
    const { checks, passed } = await runRow(row, server, proxy.url);
    proxy.server.close();
    proxy.server.closeAllConnections();
    return passed === checks;
  };
  const overlooked = (await passes(NO_MISTAKE)) ? [] : ['fails behind a proxy that changes nothing'];
  for (const [name, change] of Object.entries(MISTAKES)) if (await passes(change)) overlooked.push(name);
  return overlooked;
}

async function main(args: string[]): Promise<boolean> {
  const only = args.filter((_, index) => args[index - 1] === '--only').map((name) => name.toLowerCase());
  const [withMistakes, writes] = ['--mistakes', '--write'].map((flag) => args.includes(flag));
  const unknown = args.find((arg, index) => !/^--(?:only|mistakes|write)$/.test(arg) && args[index - 1] !== '--only');
  const rows = ROWS.filter(({ tool }) => only.length === 0 || only.some((name) => tool.toLowerCase().includes(name)));
  if (unknown !== undefined || rows.length === 0) {
    print(unknown === undefined ? `no tool is named ${only.join(' or ')}\n\n${HELP}` : HELP);
    return args.includes('--help');
  }
  const table = [
    ['Tool', 'Version', 'Checks', 'Passed', ...(withMistakes ? ['Finds mistakes'] : [])],
    ['---', '---', '--:', '--:', ...(withMistakes ? ['---'] : [])],
  ];
  const total = { pass: 0, fail: 0, skipped: 0 };
  const server = await startServer();
  try {
    for (const row of rows) {
      const missing = findMissing(row);
      if (missing !== undefined) {
        print(`${row.tool}: skipped, ${missing}`);
        total[process.env.REQUIRE_ALL === '1' ? 'fail' : 'skipped'] += 1;
        table.push([row.tool, missing, '0', '0', ...(withMistakes ? ['-'] : [])]);
        continue;
      }
      const start = Date.now();
      const version = await row.prepare();
      const { checks, passed, output } = await runRow(row, server.url);
      const seconds = Math.round((Date.now() - start) / 1_000);
      print(`${row.tool} ${version}: ${passed} of ${checks} checks passed, in ${seconds} s`);
      if (passed < checks) print(output);
      const overlooked = withMistakes ? await findOverlooked(row, server.url) : [];
      for (const mistake of overlooked) print(`${row.tool}, with mistakes: ${mistake}`);
      total.pass += passed;
      total.fail += checks - passed + overlooked.length;
      const found = overlooked.length === 0 ? Object.keys(MISTAKES).join(', ') : `not ${overlooked.join(', ')}`;
      table.push([row.tool, version, String(checks), String(passed), ...(withMistakes ? [found] : [])]);
    }
  } finally {
    await server.stop();
  }
  const lines = table.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  print(`\n${lines}\n`);
  if (writes) writeFileSync(join(__dirname, 'results.md'), formatReport(lines));
  print(`# pass ${total.pass}\n# fail ${total.fail}\n# skipped ${total.skipped}`);
  return total.fail === 0;
}

const formatReport = (table: string) => `# Contract tests

Written by \`npm run contract-tests -- --mistakes --write\` on ${new Date().toISOString().slice(0, 10)}, Node ${process.version}.
In the last column are mistakes that a proxy put into each 200 of the server, and that the tool found. Behind a proxy that
changes nothing, every tool passes.

${table}
`;

// The exit handlers end the servers.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

main(process.argv.slice(2)).then(
  (isClean) => {
    process.exitCode = isClean ? 0 : 1;
  },
  (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
