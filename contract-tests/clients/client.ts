import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { environment } from '../../bench/process.js';
import { type Call, send, targetOf } from '../../fuzz/oracle/calls.js';
import type { Context, Result, Row } from '../row.js';
import { type Behaviour, type Case, listCases, type Report } from './cases.js';

/** A program that makes calls with one client. It reads a request per line of stdin, and prints a report per line, both JSON. */
export interface Client extends Omit<Row, 'run'>, Behaviour {
  /** The spelling that the journal shows for the ref. */
  spelling: string;
  /** Generates and compiles the program; returns the command that starts it, without the URL of the server. */
  build(document: string): Promise<string[]>;
  /** Changes the cases, for a client with options or defects. */
  adapt?(cases: Case[]): Case[];
}

/** How often a program is asked until it gets another status than 503, if it does not retry by itself. */
const MAX_ASKED = 3;

/** How long a program may take for one call, in milliseconds. */
const TIMEOUT = 60_000;

/** How long the entry of a request may be missing in the journal, in milliseconds. */
const ENTRY_TIMEOUT = 1_000;

export function toRow(client: Client): Row {
  const { adapt = (cases) => cases } = client;
  return { ...client, run: (context) => run(context, client, adapt(listCases(client))) };
}

async function run({ url, server, document }: Context, client: Client, cases: Case[]): Promise<Result> {
  // The port of the server must not cause a new build.
  const text = readFileSync(document, 'utf8').replaceAll(url, 'http://127.0.0.1:8650');
  const program = startProgram([...(await client.build(text)), url]);
  const failures: string[] = [];
  try {
    for (const each of cases) {
      const [found, expected] = await runCase(each, client, server, program);
      if (isDeepStrictEqual(found, expected)) continue;
      failures.push(`${each.name}\nexpected ${JSON.stringify(expected)}\nfound    ${JSON.stringify(found)}`);
    }
  } finally {
    program.stop();
  }
  return { checks: cases.length, passed: cases.length - failures.length, output: failures.join('\n') };
}

/** Runs a case; returns the report and what the journal has, as found and as expected. */
async function runCase({ call, rule, options, ...expected }: Case, client: Client, server: string, program: Program) {
  await admin(server, 'POST', 'reset');
  const answer = await send(server, targetOf(call), call.key);
  await admin(server, 'DELETE', 'journal');
  const { report = { status: call.status, body: toBody(call, answer.text) }, attempts = 1, asked = 1 } = expected;
  if (rule !== undefined) await admin(server, 'POST', 'faults', rule);
  let found: Report;
  let count = 0;
  do {
    found = await program.ask({ ...toParameters(call), ...options });
    count += 1;
  } while ('status' in found && found.status === 503 && count < MAX_ASKED);
  // The entry of a broken connection is written after the client has noticed it.
  if (attempts > 0) await admin(server, 'GET', `journal/wait?count=${attempts}&timeout=${ENTRY_TIMEOUT}`);
  const { total, entries } = await admin(server, 'GET', 'journal');
  // The text of an exception is expected to begin like this.
  if ('exception' in report && 'exception' in found && found.exception.startsWith(report.exception)) found = report;
  return [
    { report: found, asked: count, attempts: total, spelling: entries.at(-1)?.spelling?.ref },
    { report, asked, attempts, spelling: attempts === 0 ? undefined : client.spelling },
  ];
}

/** The expected body: that of the server, with the required fields and the name of the fixture, so that a mistake is noticed. */
function toBody({ artifact, version, childVersion = version, packageType }: Call, text: string): unknown {
  const body = JSON.parse(text);
  if (packageType === undefined) return body;
  return { ...body, data: { ...body.data, name: artifact, version: childVersion, packageType } };
}

/** The parameters as a caller writes them, with the marker after the ref and after a name with slashes. */
function toParameters({ ref, artifact, version, artifactType, childVersion, key }: Call): object {
  return {
    key,
    registryRef: `${ref}/+`,
    artifact: artifact.includes('/') ? `${artifact}/+` : artifact,
    version,
    ...(artifactType && { artifactType }),
    ...(childVersion && { childVersion }),
  };
}

/** Sends a request to the admin API; returns the body of the answer, if there is one. */
async function admin(url: string, method: string, path: string, body?: object) {
  const response = await fetch(`${url}/__admin/${path}`, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (response.status >= 400 && response.status !== 409) throw new Error(`${method} /__admin/${path}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

type Program = ReturnType<typeof startProgram>;

function startProgram([command = '', ...args]: string[]) {
  const child = spawn(command, args, { env: environment(), stdio: ['pipe', 'pipe', 'pipe'] });
  let trouble = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    trouble += text;
  });
  child.on('error', ({ message }) => {
    trouble += message;
  });
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request: object): Promise<Report> {
      const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { done, value } = await lines.next();
      clearTimeout(timer);
      return done ? { exception: `the program has ended: ${trouble}` } : JSON.parse(value);
    },
    stop: () => void child.kill('SIGKILL'),
  };
}
