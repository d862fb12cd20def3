import { type Static, type StringOptions, Type } from '@sinclair/typebox';
import { optionalInteger, optionalString, strict, stringEnum } from '../api/schema.js';
import { matchesGlob, suggest } from '../util/text.js';
import { HINT, listProblems, requireJson, ValidationError, validate } from '../util/validate.js';
import { checkFault, type Fault, FaultSchema } from './fault.js';
import { HEADER_NAMES, headersOf } from './headers.js';
import { SESSION_PATTERN, SESSION_RULE } from './sessions.js';

/** The longest glob, in characters. */
const MAX_GLOB = 256;

/** The schema of a glob over a property of a request. */
export function globOf(what: string, options: StringOptions = {}) {
  const description = `a glob of up to ${MAX_GLOB} characters over ${what}; * matches any text, slashes included`;
  return optionalString(description, { minLength: 1, maxLength: MAX_GLOB, ...options });
}

/** URLs show the marker, names do not have it: a glob that ends in it would never match. */
const unmarked = { pattern: '(?:[^+]|(?:^|[^/])\\+)$' };

/** The properties of a request that fault rules and journal filters match. */
export const requestProperties = {
  ref: globOf('the registry_ref, decoded, without the marker /+', unmarked),
  artifact: globOf("the artifact's name, decoded, without the marker /+", unmarked),
  version: globOf("the version's name, decoded"),
  key: optionalString("the name of the request's API key"),
  session: optionalString(`the name of a session, ${SESSION_RULE}`, { pattern: SESSION_PATTERN }),
  headers: Type.Optional(headersOf(globOf, 'a mapping of headers to globs')),
};

const MatchSchema = Type.Object(
  { ...requestProperties, method: Type.Optional(stringEnum(['GET', 'HEAD'], 'the method, GET or HEAD')) },
  { ...strict, description: 'what a request must match, a mapping; every request unless given' },
);

const GLOBS = ['ref', 'artifact', 'version', 'target', ...HEADER_NAMES];

/** Whether the properties of a request are the wanted ones; names, targets and headers are matched as globs. */
export function matchesProperties(wanted: object | undefined, found: object = {}): boolean {
  return Object.entries(wanted ?? {}).every(([name, value]) => {
    const property = (found as Record<string, unknown>)[name];
    if (value === undefined || value === property) return true;
    if (typeof value === 'object') return matchesProperties(value, property as object | undefined);
    return GLOBS.includes(name) && typeof property === 'string' && matchesGlob(value, property);
  });
}

const PASS = 'pass';

const StepSchema = Type.Unsafe<typeof PASS | Fault>({ ...Type.Unknown(), anyOf: [Type.Literal(PASS), FaultSchema] });

/** A step other than `pass`. For the union, a message could only say that no part of it matches. */
const FaultStepSchema = Type.Object({
  step: {
    ...FaultSchema,
    description: `"${PASS}" or ${FaultSchema.description}`,
    [HINT]: (value: unknown) => (typeof value === 'string' ? suggest(value, [PASS]) : ''),
  },
});

const MAX_STEPS = 1_000;

/** A fault as a tester arms it (source: our decision). */
export const FaultRuleSchema = Type.Object(
  {
    match: Type.Optional(MatchSchema),
    fault: Type.Optional(FaultSchema),
    sequence: Type.Optional(
      Type.Array(StepSchema, {
        minItems: 1,
        maxItems: MAX_STEPS,
        description: `a list of 1 to ${MAX_STEPS} faults, one per request; "pass" is no fault`,
      }),
    ),
    times: optionalInteger(1, 1_000_000, 'how many requests it hits, from 1 to 1000000; unlimited unless given'),
    percentage: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 100, description: 'percentage of requests, above 0 up to 100' }),
    ),
  },
  { ...strict, description: 'a fault rule, as a mapping: match, then fault or sequence, times, percentage' },
);

/** What to match, what to do, and how often. */
export type FaultRule = Static<typeof FaultRuleSchema>;

/** Returns a valid rule. Throws a ValidationError. */
export function checkRule(value: unknown): FaultRule {
  const rule = validate(FaultRuleSchema, value);
  const { match, fault, sequence, times, percentage } = rule;
  if ((fault === undefined) === (sequence === undefined)) {
    throw new ValidationError([], 'set exactly one of "fault" and "sequence"');
  }
  if (sequence !== undefined && (times !== undefined || percentage !== undefined)) {
    throw new ValidationError(['sequence'], 'cannot be combined with times or percentage: each step hits one request');
  }
  if (match !== undefined) requireJson({ ...match }, ['match']);
  if (fault !== undefined) checkFault(fault, ['fault']);
  for (const [index, step] of (sequence ?? []).entries()) {
    if (step === PASS) continue;
    const path = ['sequence', index];
    const [problem] = listProblems(FaultStepSchema, { step }, 1);
    if (problem !== undefined) throw new ValidationError([...path, ...problem.path.slice(1)], problem.reason);
    checkFault(step, path);
  }
  return rule;
}
