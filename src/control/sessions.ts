import { performance } from 'node:perf_hooks';
import { Misfit } from '../check.js';
import { createRandom, type Random } from '../random.js';
import { LimitReached } from './limit.js';

/** The header by which a request says of which session it is (source: our decision). */
export const SESSION_HEADER = 'x-mock-session';

/** How many sessions there may be at once. */
export const MOST_SESSIONS = 1_000;

/** How long a session lives without a request, in milliseconds. */
export const SESSION_LIFETIME = 900_000;

/** What a session may be called: it stands in a header, where a comma would part two. */
export const SESSION_PATTERN = '^[!-+\\--~](?:[ -+\\--~]{0,98}[!-+\\--~])?$';

/** What the pattern asks for, in words. */
export const SESSION_RULE = '1 to 100 printable ASCII characters without a comma';

/** A session: requests that share faults, journal and generator. Requests without the header share the nameless one. */
export interface Session {
  name: string | undefined;
  random: Random;
  /** When it was last asked for, in milliseconds of a clock that never jumps. */
  seen: number;
}

/** The sessions of a server. */
export interface Sessions {
  /** Returns the session of a name, new or known, or the nameless one. Throws a LimitReached when there are too many. */
  enter(name: string | undefined): Session;
  /** Starts the generator over, of one session or of all; the names of all are then forgotten. */
  reset(name?: string): void;
}

/**
 * Makes the sessions of a server, whose generators start from the seed. Calls back with the name of each session that has
 * expired, once room is needed. The clock returns milliseconds, and must not follow the time of day: that is set at times.
 */
export function createSessions(
  seed: number,
  onExpired: (name: string) => void,
  now: () => number = () => performance.now(),
): Sessions {
  const start = (name?: string): Session => ({ name, random: createRandom(seed), seen: now() });
  const nameless = start();
  // In the order of their last request, so that those which expire first stand in front.
  const named = new Map<string, Session>();

  const expire = () => {
    for (const { name, seen } of named.values()) {
      if (now() - seen < SESSION_LIFETIME) return;
      named.delete(name as string);
      onExpired(name as string);
    }
  };

  return {
    enter(name) {
      if (name === undefined) return nameless;
      expire();
      const session = named.get(name) ?? start(name);
      named.delete(name);
      if (named.size >= MOST_SESSIONS) {
        throw new LimitReached(
          'sessions',
          MOST_SESSIONS,
          `one ends ${SESSION_LIFETIME / 60_000} minutes after its last request`,
        );
      }
      session.seen = now();
      named.set(name, session);
      return session;
    },
    reset(name) {
      if (name === undefined) {
        named.clear();
        nameless.random = createRandom(seed);
      } else named.delete(name);
    },
  };
}

/** Throws a Misfit for a session that is named at the path of a body where a header names another one. */
export function requireSession(header: string | undefined, named: string | undefined, path: (string | number)[]): void {
  if (header === undefined || named === undefined || header === named) return;
  throw new Misfit(path, `found "${named}", expected that of the header, "${header}"`);
}
