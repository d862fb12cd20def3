import { existsSync, statSync } from 'node:fs';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/options.js';
import { separateArguments } from '../config/separate.js';
import type { Explanation } from '../explain/explanation.js';
import { Failure } from '../failure.js';
import { loadFixtures } from '../fixtures/load.js';
import { openStore, type Store } from '../store/store.js';
import type { Command } from './io.js';

/** The variable of the vendor's own tools, which holds the key where `--key` does not. */
const KEY_VARIABLE = 'HARNESS_API_KEY';

/**
 * `explain URL [--key KEY] [--method METHOD] [flags]`: prints what a server of this configuration would decide about a
 * request, step by step, and what to change. Exit code 0 where it would answer 200, 1 where not.
 */
export const explain: Command = async (args, { environment, stdout }) => {
  const { positionals, own, flags } = separateArguments(args, ['key', 'method']);
  const config = loadConfig(flags, environment);
  const target = readTarget(positionals);
  const key = toHeader(own.key ?? environment[KEY_VARIABLE]);
  const { explain: explainRequest } = await import('../explain/explain.js');
  const store = openData(config);
  try {
    const explanation = explainRequest({ target, method: own.method, key }, { ...config, store });
    stdout.write(formatExplanation(explanation));
    return explanation.status === 200 ? 0 : 1;
  } finally {
    store.close();
  }
};

/** What was found is not shown: it may be a key behind a flag that is misspelt. */
function readTarget([target = '', ...others]: string[]): string {
  const isTarget = others.length === 0 && /^(?:\/|https?:\/\/)/i.test(target);
  if (isTarget) return target;
  throw new Failure('explain: expected one URL, or one target that starts with a slash such as /har/api/v1/…', 2);
}

/** Writes a key as a header brings it: without space at its ends, one character a byte. */
function toHeader(key: string | undefined): string | undefined {
  return key && Buffer.from(key.trim()).toString('latin1');
}

/** The data of a store file that holds any, as a server would serve it; otherwise the fixtures, in memory. */
function openData({ db, fixtures }: Config): Store {
  const isFilled = db !== undefined && existsSync(db) && statSync(db).size > 0;
  const kept = isFilled ? openStore(db) : undefined;
  if (kept?.isEmpty() === false) return kept;
  kept?.close();
  const store = openStore();
  try {
    loadFixtures(store, fixtures);
    return store;
  } catch (error) {
    store.close();
    throw error;
  }
}

function formatExplanation({ steps, status, message, advice }: Explanation): string {
  const width = Math.max(...steps.map(({ step }) => step.length));
  const lines = steps.map(({ step, passed, found }) => `${passed ? 'ok' : 'no'}  ${step.padEnd(width)}  ${found}`);
  const answer = status === undefined ? message : `${status} ${message}`;
  // A message may be a fixture's, and a terminal obeys control characters.
  return [...lines, '', answer, ...(advice === undefined ? [] : [advice])]
    .map((line) => `${line.replace(/\p{Cc}/gu, ' ')}\n`)
    .join('');
}
