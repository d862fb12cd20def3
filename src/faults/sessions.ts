import { performance } from 'node:perf_hooks';
import { LimitError } from '../util/errors.js';
import { type DocumentPath, ValidationError } from '../util/validate.js';

/** A random generator: returns numbers from 0 up to, but not including, 1. */
export type Random = () => number;

/** Creates a random generator (Mulberry32) from a 32-bit seed; the same seed gives the same numbers. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The request header with the name of a session (source: our decision). */
export const SESSION_HEADER = 'x-mock-session';

export const MAX_SESSIONS = 1_000;

/** How long a session lives without a request, in milliseconds. */
export const SESSION_LIFETIME = 900_000;

/** A comma would separate two names in a header. */
export const SESSION_PATTERN = '^[!-+\\--~](?:[ -+\\--~]{0,98}[!-+\\--~])?$';

/** `SESSION_PATTERN` in words. */
export const SESSION_RULE = '1 to 100 printable ASCII characters without a comma';

const IS_SESSION = new RegExp(SESSION_PATTERN);

const REMEDY = `a session ends ${SESSION_LIFETIME / 60_000} minutes after its last request`;

export type Sessions = ReturnType<typeof createSessions>;

/** Returns the name in a header if it is valid. */
export function readSessionName(header: string | string[] | undefined): string | undefined {
  return header !== undefined && IS_SESSION.test(String(header)) ? String(header) : undefined;
}

/**
 * Creates the sessions: requests with the same name in their header share faults, journal and random generator. Requests
 * without the header share the default session.
 *
 * @param seed the seed of every session's random generator
 * @param onExpired gets the name of each expired session; called when a session is entered
 */
export function createSessions(seed: number, onExpired: (name: string) => void) {
  let unnamed = createRandom(seed);
  // In the order of their last request, so that the oldest comes first.
  const named = new Map<string, { random: Random; lastUse: number }>();

  return {
    /** Returns the generator of a header's session, which starts if it is new. Throws a ValidationError or a LimitError. */
    enter(header: string | string[] | undefined): Random {
      if (header === undefined) return unnamed;
      const name = readSessionName(header);
      if (name === undefined) throw new ValidationError([SESSION_HEADER], `expected one name of ${SESSION_RULE}`);
      const now = performance.now();
      for (const [other, { lastUse }] of named) {
        if (now - lastUse < SESSION_LIFETIME) break;
        named.delete(other);
        onExpired(other);
      }
      const { random } = named.get(name) ?? { random: createRandom(seed) };
      named.delete(name);
      if (named.size >= MAX_SESSIONS) throw new LimitError('sessions', MAX_SESSIONS, REMEDY);
      named.set(name, { random, lastUse: now });
      return random;
    },
    /** Restarts the generator of one session, or of all, and forgets their names. */
    reset(name?: string): void {
      if (name !== undefined) return void named.delete(name);
      named.clear();
      unnamed = createRandom(seed);
    },
  };
}

/** Throws a ValidationError if the session named at a path is not the one of the header. */
export function requireSameSession(header: string | undefined, named: string | undefined, path: DocumentPath): void {
  if (header === undefined || named === undefined || header === named) return;
  throw new ValidationError(path, `found "${named}", expected the session of the header, "${header}"`);
}
