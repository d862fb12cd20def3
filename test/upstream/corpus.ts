import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Test } from 'tap';
import type { Config } from '../../src/config/options.js';
import { type Answer, build, listen, makeControl, seedStore, sendRaw } from '../helper.js';

/** A recorded request to the vendor's open-source server and its answer. */
export interface RecordedAnswer {
  /** `admin` may see everything, `out` nothing; `none` sent no key, `bad` an unknown one. */
  who: 'admin' | 'out' | 'none' | 'bad';
  /** GET if there is none. */
  method?: string;
  /** As our server has it, one character a byte. */
  target: string;
  /** 0 if the connection was closed. */
  status: number;
  type: string | null;
  body: string;
}

/** The parts of an answer that are compared. */
export interface Outcome {
  status: number;
  message?: string | undefined;
  data?: unknown;
}

/** A request with what the open-source server answered and what we answer. */
export interface Comparison extends Pick<RecordedAnswer, 'who' | 'method' | 'target'> {
  spellings: Config['spellings'];
  theirs: Outcome;
  ours: Outcome;
}

/** The recorded requests, with the prefix of our paths. */
export const RECORDED: RecordedAnswer[] = readFileSync(join(__dirname, 'requests.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line))
  .map((recorded) => ({ ...recorded, target: `/har${recorded.target}` }));

const KEYS = { admin: 'pat.acme.admin', out: 'pat.other.out', none: undefined, bad: 'pat.nobody' };

/** Returns what the open-source server answered; an answer that is not JSON is a message. */
export function outcomeOf({ status, type, body }: RecordedAnswer): Outcome {
  if (!type?.startsWith('application/json')) return { status, message: body.trim() };
  const { message, data } = JSON.parse(body);
  return { status, ...(message && { message }), ...(data && { data }) };
}

/** Serves the recorded data and sends every recorded request, byte for byte. */
export async function compareAll(t: Test, spellings: Config['spellings']): Promise<Comparison[]> {
  const store = seedStore(t, [join(__dirname, 'fixture.json')]);
  const port = await listen(build(t, { store, control: makeControl(store), spellings }));
  const comparisons: Comparison[] = [];
  for (const recorded of RECORDED) {
    const { who, method = 'GET', target } = recorded;
    const key = KEYS[who] === undefined ? '' : `x-api-key: ${KEYS[who]}\r\n`;
    const request = `${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${key}Connection: close\r\n\r\n`;
    const [answer] = await sendRaw(port, Buffer.from(request, 'latin1'));
    const { status, body } = answer as Answer;
    // The answer to HEAD has no body.
    const { message, data } = (body ?? {}) as Partial<Outcome>;
    const ours = { status, ...(message && { message }), ...(data !== undefined && { data }) };
    comparisons.push({ who, method, target, spellings, theirs: outcomeOf(recorded), ours });
  }
  return comparisons;
}

/** Whether status, message (ignoring case) and data are the same. */
export function isSame({ theirs, ours }: Comparison): boolean {
  const [expected, found] = [theirs, ours].map((outcome) => ({ ...outcome, message: outcome.message?.toLowerCase() }));
  return isDeepStrictEqual(found, expected);
}
