import { escapeCharacters } from '../escape.js';

const MOST_SHOWN = 300;

/** What a terminal may obey or show in another order: controls that JSON leaves as they are. */
const UNSAFE = /[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

const PLAIN = /^[\w@:./+~%-]+$/;

/** Writes what a client sent so that a person can read it: in quotes unless it is plain, shortened, controls escaped. */
export function quote(value: unknown): string {
  const written = escapeCharacters(JSON.stringify(value), UNSAFE);
  const shown = typeof value === 'string' && PLAIN.test(value) ? value : written;
  return shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}…` : shown;
}
