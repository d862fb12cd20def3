import { type Static, Type } from '@sinclair/typebox';
import { strict } from '../api/schema.js';
import type { ArmedFaults } from '../faults/armed.js';
import { requireSameSession } from '../faults/sessions.js';
import type { Steps } from '../util/steps.js';
import { count, escapeControls } from '../util/text.js';
import { ValidationError, validate } from '../util/validate.js';
import { type Filter, FilterSchema } from './entry.js';
import type { Journal } from './journal.js';

const number = (description: string) =>
  Type.Optional(Type.Integer({ minimum: 0, description: `${description}, a whole number` }));

/** What a tester expects to have happened (source: our decision). */
export const ExpectationsSchema = Type.Object(
  {
    requests: Type.Optional(
      Type.Array(
        Type.Object(
          {
            match: Type.Optional(FilterSchema),
            count: number('the exact number of requests'),
            atLeast: number('the minimum; 1 unless a number is given'),
            atMost: number('the maximum'),
          },
          { ...strict, description: 'what to match and how many, as a mapping' },
        ),
        { maxItems: 1_000, description: 'a list of up to 1000 expected kinds of requests' },
      ),
    ),
  },
  { ...strict, description: 'a mapping with the key requests' },
);

export type Expectations = Static<typeof ExpectationsSchema>;

/** The requests that came are not the expected ones; `reasons` has one sentence each. Answered as a 409. */
export class NotAsExpected extends Error {
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    const escaped = reasons.map(escapeControls);
    super(escaped.join('\n'));
    this.reasons = escaped;
  }
}

/** Returns what is not as expected, one sentence each: armed faults without a hit, requests that did not come. */
export function* verify(
  value: unknown,
  { faults, journal }: { faults: Pick<ArmedFaults, 'list'>; journal: Journal },
  session?: string,
): Steps<string[]> {
  const { requests = [] } = validate(ExpectationsSchema, value);
  const notHit = faults
    .list(session)
    .filter(({ hits, declared }) => hits === 0 && !declared)
    .map(({ id, match = {} }) => `armed fault ${id} was never hit; it matches requests ${describeMatch(match)}`);
  const expected = requests.map(({ match = {}, count, atLeast, atMost }, index) => {
    const path = ['requests', index];
    if (count !== undefined && (atLeast ?? atMost) !== undefined) {
      throw new ValidationError([...path, 'count'], 'cannot be combined with atLeast or atMost');
    }
    const min = count ?? atLeast ?? (atMost === undefined ? 1 : 0);
    const max = count ?? atMost ?? Number.POSITIVE_INFINITY;
    if (min > max) throw new ValidationError([...path, 'atMost'], `found ${max}, expected at least atLeast, ${min}`);
    requireSameSession(session, match.session, [...path, 'match', 'session']);
    return { match, min, max };
  });
  const filters = expected.map(({ match }) => ({ ...(session !== undefined && { session }), ...match }));
  const ids = yield* journal.search(filters);
  const notMet = expected.flatMap(({ match, min, max }, index) => {
    const found = (ids[index] as number[]).length;
    if (found >= min && found <= max) return [];
    const wanted = min === max ? `${min}` : found < min ? `at least ${min}` : `at most ${max}`;
    const hint = found < min ? explainMissing(journal) : '';
    return [`requests[${index}]: found ${found} ${describeMatch(match)}, expected ${wanted}${hint}`];
  });
  return [...notHit, ...notMet];
}

function describeMatch({ headers, ...match }: Filter): string {
  const parts = Object.entries({ ...match, ...headers }).map(([name, value]) => `${name} ${value}`);
  return parts.length === 0 ? 'of any kind' : `with ${parts.join(', ')}`;
}

/** Says why a journal may lack entries. */
export function explainMissing({ isOff, dropped }: Pick<Journal, 'isOff' | 'dropped'>): string {
  if (isOff) return '; the journal is off: start with --journal-entries above 0';
  const older = count(dropped, 'older entry', 'older entries');
  return dropped === 0 ? '' : `; the journal has dropped ${older}: raise --journal-entries`;
}
