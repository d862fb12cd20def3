import { Readable, Writable } from 'node:stream';
import { generateFixtures } from '../../src/commands/generate.js';
import { main } from '../../src/commands/main.js';
import type { Environment } from '../../src/config/load.js';

/** The last line of a usage error. */
export const HINT = 'Try harness-registry-mock --help\n';

/** The output and the exit code of a command. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A stream that collects its text. */
export class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/**
 * Runs the command line in this process, with only the given environment.
 *
 * @param isTTY whether both outputs are a terminal
 * @param stdin its text, or a stream
 */
export async function run(
  args: readonly string[],
  environment: Environment = {},
  isTTY = false,
  stdin: string | Readable = '',
): Promise<Outcome> {
  const input = typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin;
  const stdout = Object.assign(new Collector(), { isTTY });
  const stderr = Object.assign(new Collector(), { isTTY });
  const code = await main(args, { env: environment, stdin: input, stdout, stderr, on: () => {}, exit: () => {} });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/** Generates versions as one text. */
export function generateText(versions: number, seed = 1): string {
  return [...generateFixtures(versions, seed)].join('');
}
