import { existsSync, statSync } from 'node:fs';
import { readOptions } from '../config/load.js';
import { type ExplainedRequest, type Explanation, explain } from '../explain/explain.js';
import { buildServer, type ServerConfig } from '../server.js';
import { UserError } from '../util/errors.js';
import { escapeControls } from '../util/text.js';
import { EXPLAIN_FLAGS } from './help.js';
import { type Command, loadServing, STDIN } from './io.js';

/**
 * `explain URL [--key KEY] [--method METHOD] [flags]`: prints what a server of this configuration would decide about a
 * request, step by step, and how to fix it. Without `--key`, the key is that of the vendor's tools, in `HARNESS_API_KEY`.
 * Exit code 0 if the answer would be 200, otherwise 1.
 */
export const run: Command = async ({ flags, words }, io) => {
  // A shell puts several paths after --fixtures.
  const isPath = (word: string) => words.length > 1 && (word === STDIN || existsSync(word));
  const [target = '', ...others] = words.filter((word) => !isPath(word));
  if (others.length > 0 || !/^(?:\/|https?:\/\/)/i.test(target)) {
    // It does not show the argument, which can be a key after a misspelt flag.
    throw new UserError('explain: expected one URL, or one target that starts with a slash such as /har/api/v1/…', 2);
  }
  const config = await loadServing({ flags, words: words.filter(isPath) }, io);
  const { method, key = io.env.HARNESS_API_KEY } = readOptions(EXPLAIN_FLAGS, flags);
  // As Node reads a header: trimmed, one character a byte.
  const headers: [string, string][] = key ? [['x-api-key', Buffer.from(key.trim()).toString('latin1')]] : [];
  const { steps, status, message, advice } = await explainOffline(config, { target, method, headers });

  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(({ step, passed, found }) => `${passed ? 'ok' : 'no'}  ${step.padEnd(width)}  ${found}`);
  lines.push('', [status, message].filter((part) => part !== undefined).join(' '));
  if (advice !== undefined) lines.push(advice);
  // A message can be a fixture's, and a terminal obeys control characters.
  io.stdout.write(lines.map((line) => `${escapeControls(line)}\n`).join(''));
  return status === 200 ? 0 : 1;
};

/** Explains a request by the data of a filled store file, or else by the fixtures in memory. */
async function explainOffline(config: ServerConfig, request: ExplainedRequest): Promise<Explanation> {
  const { db } = config;
  const isFilled = db !== undefined && existsSync(db) && statSync(db).size > 0;
  const { app, store, control } = buildServer({ ...config, db: isFilled ? db : undefined });
  try {
    control.fixtures.start();
    await app.ready();
    return await explain(app.server, store, request);
  } finally {
    await app.close();
  }
}
