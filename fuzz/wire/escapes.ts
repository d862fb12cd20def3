import { formatPath } from '../../src/wire/path.js';
import type { Conversation } from './conversation.js';
import { writeLast } from './request.js';
import { OVERLONG } from './targets.js';

const PATH = formatPath(
  { registryRef: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' },
  'published',
);

/** A parameter with one of its characters escaped. */
interface Place {
  target(escaped: string): string;
  /** The character that belongs there, with which it is served. */
  right?: string;
  /** The status with any other character. */
  wrong: number;
  /** The status with a slash, where that is another matter. */
  slash?: number;
}

const PLACES: readonly Place[] = [
  { target: (escaped) => PATH.replace('/web/', `/w${escaped}b/`), right: 'e', wrong: 404, slash: 400 },
  { target: (escaped) => PATH.replace('/nginx/', `/ng${escaped}nx/`), right: 'i', wrong: 404 },
  { target: (escaped) => PATH.replace('1.25.3', `1${escaped}25.3`), right: '.', wrong: 404 },
  { target: (escaped) => `${PATH}?artifact_type=${escaped}`, wrong: 400 },
  { target: (escaped) => `${PATH}?childVersion=${escaped}`, wrong: 404 },
];

/**
 * Lists a conversation for each of the 256 escapes of one byte and each of some that are no UTF-8, in each of the five
 * parameters, with the one status that is right.
 */
export function listEscapes(): Conversation[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => `%${byte.toString(16).padStart(2, '0')}`);
  return PLACES.flatMap((place) =>
    [...bytes, ...OVERLONG].map((escaped) => ({
      messages: [{ ...writeLast(place.target(escaped)), statuses: [statusOf(place, escaped)] }],
      cuts: [],
      isAborted: false,
    })),
  );
}

function statusOf({ right, wrong, slash = wrong }: Place, escaped: string): number {
  const byte = Number.parseInt(escaped.slice(1), 16);
  if (escaped.length > 3 || byte >= 0x80) return 400;
  const character = String.fromCharCode(byte);
  if (character === right) return 200;
  return character === '/' ? slash : wrong;
}
