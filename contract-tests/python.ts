import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from './row.js';

const VENV = join(__dirname, '.cache/venv');
const REQUIREMENTS = join(__dirname, 'requirements.txt');
const INSTALLED = join(VENV, 'requirements.txt');

/** The path of a program of the Python environment. */
export const pythonProgram = (name: string) => join(VENV, 'bin', name);

/** Installs requirements.txt into an environment of its own, unless it is installed; returns the version of a package. */
export async function preparePython(name: string): Promise<string> {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  if (!existsSync(INSTALLED) || readFileSync(INSTALLED, 'utf8') !== requirements) {
    mkdirSync(VENV, { recursive: true });
    await install('python3', ['-m', 'venv', '--clear', VENV]);
    await install(pythonProgram('pip'), ['install', '--quiet', '--requirement', REQUIREMENTS]);
    copyFileSync(REQUIREMENTS, INSTALLED);
  }
  return new RegExp(`^${name}==(.+)$`, 'm').exec(requirements)?.[1] as string;
}

async function install(program: string, args: string[]): Promise<void> {
  const { code, output } = await runProgram(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${output}`);
}
