import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { environment } from '../../bench/process.js';
import { Failure, Finding } from '../failure.js';
import { FUZZ, findPackageFile, ROOT } from '../files.js';
import { type Call, listCalls, send, targetOf } from './calls.js';

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
 * Generates a client from the project's OpenAPI document, checks its types, and makes all calls with it; returns their
 * number. Throws a Failure if the client returns something else than the server sends.
 */
export async function checkClient(url: string, seed: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'harness-registry-mock-client-'));
  try {
    await generate(folder);
    const calls = listCalls();
    const program = [join(folder, 'program.ts'), url, JSON.stringify(calls.map(toArguments))];
    const results = JSON.parse(await run(findPackageFile('tsx', 'dist/cli.mjs'), program, folder));
    for (const [index, call] of calls.entries()) {
      const { status, text } = await send(url, targetOf(call), call.key);
      const expected = { status, body: JSON.parse(text) };
      if (status === call.status && isDeepStrictEqual(results[index], expected)) continue;
      const finding = new Finding(JSON.stringify(expected), JSON.stringify(results[index]));
      throw new Failure(finding, `GET ${targetOf(call)}`, seed);
    }
    return calls.length;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A path parameter as the contract describes it: a name with slashes ends in the marker. */
const mark = (name: string): string => (name.includes('/') ? `${name}/+` : name);

const toArguments = ({ ref, artifact, version, artifactType, childVersion, key }: Call) => ({
  key,
  path: { registry_ref: mark(ref), artifact: mark(artifact), version },
  query: { artifact_type: artifactType, childVersion },
});

/** Generates the client into a folder, next to the program that uses it, and checks the types of both. */
async function generate(folder: string): Promise<void> {
  const generator = findPackageFile('@hey-api/openapi-ts', 'bin/run.js');
  const paths = ['--input', join(ROOT, 'openapi.yaml'), '--output', join(folder, 'client')];
  await run(generator, [...paths, '--client', '@hey-api/client-fetch', '--silent', '--no-log-file'], folder);
  copyFileSync(join(FUZZ, 'programs/second-client.ts'), join(folder, 'program.ts'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  await run(join(ROOT, 'node_modules/typescript/bin/tsc'), ['--project', folder], folder);
}

/** Runs a Node program in a folder; resolves with its output. Throws an Error with all output if it fails. */
async function run(script: string, args: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [script, ...args], { cwd, env: environment() })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${script} failed:\n${stdout}${stderr}`);
  }
}
