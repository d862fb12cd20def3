import { Writable } from 'node:stream';
import type { Environment } from '../../src/config/load.js';
import { main } from '../../src/main.js';

/** What a command wrote, and its exit code. */
export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

/** A stream that keeps what is written to it. */
export class Collector extends Writable {
  text = '';

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk;
    done();
  }
}

/** Runs the command line in this process, with the given environment and nothing of the process's own. */
export async function run(args: readonly string[], environment: Environment = {}): Promise<Outcome> {
  const stdout = new Collector();
  const stderr = new Collector();
  const code = await main(args, { environment, stdout, stderr, onSignal: () => {} });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
