import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { environment } from '../../bench/process.js';
import { Failure, Finding } from '../failure.js';
import { FUZZ, ROOT, requirePackageFile } from '../files.js';
import { send, targetOf } from './ask.js';
import { type Ask, listAsks } from './asks.js';

/** As strict as TypeScript is, for what is generated and for what uses it. */
const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    strict: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    typeRoots: [join(ROOT, 'node_modules/@types')],
    types: ['node'],
  },
  include: ['.'],
};

/**
 * Generates a client from the project's OpenAPI document, checks its types, and asks a server with it for all that there is
 * to ask; returns how much that is. Throws a Failure where a call tells something else than the server does.
 */
export async function requireClient(url: string, seed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'harness-registry-mock-client-'));
  try {
    await generate(folder);
    const asks = listAsks();
    const answers = JSON.parse(await runProgram(folder, url, JSON.stringify(asks.map(toCall))));
    for (const [index, ask] of asks.entries()) {
      const found = answers[index];
      const { status, text } = await send(url, targetOf(ask), ask.key);
      const due = { status, body: JSON.parse(text) };
      if (status === ask.status && isDeepStrictEqual(found, due)) continue;
      throw new Failure(new Finding(JSON.stringify(due), JSON.stringify(found)), `GET ${targetOf(ask)}`, seed);
    }
    return asks.length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A name as the contract wants it in a path: one that holds slashes ends in the marker. */
const mark = (name: string): string => (name.includes('/') ? `${name}/+` : name);

/** Puts a request into the parameters of the contract. */
const toCall = ({ registryRef, artifact, version, artifactType, childVersion, key }: Ask) => ({
  key,
  path: { registry_ref: mark(registryRef), artifact: mark(artifact), version },
  query: { artifact_type: artifactType, childVersion },
});

/** Writes the client, the program that uses it, and what they are checked by into a folder. */
async function generate(folder: string): Promise<void> {
  const generator = requirePackageFile('@hey-api/openapi-ts', 'bin/run.js');
  const paths = ['--input', join(ROOT, 'openapi.yaml'), '--output', join(folder, 'client')];
  await run(generator, [...paths, '--client', '@hey-api/client-fetch', '--silent', '--no-log-file'], folder);
  copyFileSync(join(FUZZ, 'programs/second-client.ts'), join(folder, 'program.ts'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await run(join(ROOT, 'node_modules/typescript/bin/tsc'), ['--project', folder], folder);
}

const runProgram = (folder: string, url: string, asks: string): Promise<string> =>
  run(requirePackageFile('tsx', 'dist/cli.mjs'), [join(folder, 'program.ts'), url, asks], folder);

/** Runs a Node program in a folder; resolves with its output. Throws an Error with all that it wrote where it fails. */
async function run(script: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [script, ...args], { cwd, env: environment() })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${script} fails:\n${stdout}${stderr}`);
  }
}
