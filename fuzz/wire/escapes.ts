import { formatPath } from '../../src/api/spelling.js';
import type { Conversation } from './conversation.js';
import { writeLast } from './request.js';
import { OVERLONG } from './targets.js';

const PATH = formatPath({ ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' }, 'published');

/** A parameter that contains an escape, and the expected statuses. */
interface Place {
  target(escaped: string): string;
  /** The character that is served here. */
  right?: string;
  /** With any other character. */
  wrong: number;
  /** With a slash, if it differs. */
  slash?: number;
  /** With an escape that is no UTF-8. */
  undecodable: number;
}

const PLACES: readonly Place[] = [
  {
    target: (escaped) => PATH.replace('/web/', `/w${escaped}b/`),
    right: 'e',
    wrong: 404,
    slash: 400,
    undecodable: 400,
  },
  { target: (escaped) => PATH.replace('/nginx/', `/ng${escaped}nx/`), right: 'i', wrong: 404, undecodable: 400 },
  { target: (escaped) => PATH.replace('1.25.3', `1${escaped}25.3`), right: '.', wrong: 404, undecodable: 400 },
  // A pair that cannot be decoded is ignored.
  { target: (escaped) => `${PATH}?artifact_type=${escaped}`, wrong: 400, undecodable: 200 },
  { target: (escaped) => `${PATH}?childVersion=${escaped}`, wrong: 404, undecodable: 200 },
];

/**
 * Lists a conversation for every escape of one byte, and for some that are no UTF-8, in each parameter, with its expected
 * status.
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

function statusOf({ right, wrong, slash = wrong, undecodable }: Place, escaped: string): number {
  const byte = Number.parseInt(escaped.slice(1), 16);
  if (escaped.length > 3 || byte >= 0x80) return undecodable;
  const character = String.fromCharCode(byte);
  if (character === right) return 200;
  return character === '/' ? slash : wrong;
}
