import { type Static, Type } from '@sinclair/typebox';
import { Misfit, requireFit } from '../check.js';
import type { ArmedFaults } from './armed-faults.js';
import { FilterSchema } from './filter.js';
import type { Journal } from './journal.js';
import { requireSession } from './sessions.js';

const number = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, description: `${description}, a whole number` }));

const MOST_EXPECTATIONS = 1_000;

/** What a tester expects to have happened (source: our decision). */
export const ExpectationsSchema = Type.Object(
  {
    requests: Type.Optional(
      Type.Array(
        Type.Object(
          {
            match: Type.Optional(FilterSchema),
            count: number('how many there must be'),
            atLeast: number('the least there must be; 1 unless a number is given'),
            atMost: number('the most there may be'),
          },
          { additionalProperties: false, description: 'what to match and how many, as a mapping' },
        ),
        {
          maxItems: MOST_EXPECTATIONS,
          description: `a list of up to ${MOST_EXPECTATIONS} kinds of requests that must have come`,
        },
      ),
    ),
  },
  { additionalProperties: false, description: 'a mapping with the key requests' },
);

/** What a tester expects to have happened. */
export type Expectations = Static<typeof ExpectationsSchema>;

/**
 * Checks that every armed fault was hit and that the expected requests came; where a session is named, all of it is of
 * that session. Returns what is not as expected, a sentence each. Throws a Misfit for expectations that are none.
 */
export function verify(
  value: Expectations,
  { faults, journal }: { faults: ArmedFaults; journal: Journal },
  session?: string,
): string[] {
  const { requests = [] } = requireFit(ExpectationsSchema, value);
  const unhit = faults
    .list(session)
    .filter(({ hits }) => hits === 0)
    .map(({ id, match = {} }) => `armed fault ${id} was never hit; it waits for requests ${describe(match)}`);
  const unmet = requests.flatMap(({ match = {}, count, atLeast, atMost }, index) => {
    if (count !== undefined && (atLeast !== undefined || atMost !== undefined)) {
      throw new Misfit(['requests', index, 'count'], 'goes without atLeast and atMost');
    }
    if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
      throw new Misfit(['requests', index, 'atMost'], `found ${atMost}, expected no less than atLeast, ${atLeast}`);
    }
    requireSession(session, match.session, ['requests', index, 'match', 'session']);
    const least = count ?? atLeast ?? (atMost === undefined ? 1 : 0);
    const most = count ?? atMost ?? Number.POSITIVE_INFINITY;
    const came = journal.count({ session, ...match } as typeof match);
    if (came >= least && came <= most) return [];
    const wanted = least === most ? `${least}` : came < least ? `at least ${least}` : `at most ${most}`;
    return [
      `requests[${index}]: ${came} came ${describe(match)}, expected ${wanted}${came < least ? explainFew(journal) : ''}`,
    ];
  });
  return [...unhit, ...unmet];
}

function describe(match: object): string {
  const parts = Object.entries(match).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? 'of any kind' : `with ${parts.join(', ')}`;
}

/** Says why a journal may count too few: it is off, or entries have made room for others; empty where it has counted all. */
export function explainFew({ isOff, dropped }: Journal): string {
  if (isOff) return '; the journal is off: start with --journal-entries above 0';
  return dropped === 0
    ? ''
    : `; older entries have been dropped (${dropped}); --journal-entries and --journal-bytes keep more`;
}
