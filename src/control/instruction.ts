import { type Static, type StringOptions, Type } from '@sinclair/typebox';
import { type DocumentPath, listMismatches, Misfit, requireFit, show } from '../check.js';
import { stringEnum } from '../contract/values.js';
import { type Fault, FaultSchema, findContradiction } from '../faults/fault.js';
import { suggest } from '../suggest.js';
import { SESSION_PATTERN, SESSION_RULE } from './sessions.js';

const strict = { additionalProperties: false };

/** A glob over something of a request. */
export const globOf = (what: string, options: StringOptions = {}) =>
  Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2_000,
      ...options,
      description: `a glob over ${what}; * stands for any text, slashes included`,
    }),
  );

/** Every URL shows the marker, and no name has it: a glob that ends in it would never match. */
const unmarked = { pattern: '(?:[^+]|(?:^|[^/])\\+)$' };

/** What says which requests are meant, by what is known of every one that names an artifact. */
export const requestProperties = {
  ref: globOf('the registry_ref, decoded, the marker /+ left out', unmarked),
  artifact: globOf("the artifact's name, decoded, the marker /+ left out", unmarked),
  version: globOf("the version's name, decoded"),
  key: Type.Optional(Type.String({ description: "the name of the request's API key" })),
  session: Type.Optional(
    Type.String({ pattern: SESSION_PATTERN, description: `the name of a session, ${SESSION_RULE}` }),
  ),
};

const MatchSchema = Type.Object(
  { ...requestProperties, method: Type.Optional(stringEnum(['GET', 'HEAD'], 'the method, GET or HEAD')) },
  { ...strict, description: 'what a request must be, a mapping; all requests unless given' },
);

const PASS = 'pass';

/** A step of a sequence. It is checked by itself: of a union, a message could only say that no part of it fits. */
const StepSchema = Type.Unsafe<typeof PASS | Fault>({ ...Type.Unknown(), anyOf: [Type.Literal(PASS), FaultSchema] });

const MOST_STEPS = 1_000;

/** A fault as a tester arms it (source: our decision). */
export const InstructionSchema = Type.Object(
  {
    match: Type.Optional(MatchSchema),
    fault: Type.Optional(FaultSchema),
    sequence: Type.Optional(
      Type.Array(StepSchema, {
        minItems: 1,
        maxItems: MOST_STEPS,
        description: `a list of 1 to ${MOST_STEPS} faults, one a request; "pass" lets a request pass`,
      }),
    ),
    times: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000,
        description: 'how many requests it hits, from 1 to 1000000; all unless given',
      }),
    ),
    percentage: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 100,
        description: 'how many of a hundred requests it hits, above 0 up to 100',
      }),
    ),
  },
  { ...strict, description: 'what to match, a fault or a sequence, and how often, as a mapping' },
);

/** A fault as a tester arms it: what to match, what to do, and when. */
export type Instruction = Static<typeof InstructionSchema>;

/** What a request must be to be hit. */
export type Match = Static<typeof MatchSchema>;

/** Checks an instruction from outside; returns it. Throws a Misfit that names the field at fault. */
export function checkInstruction(value: unknown): Instruction {
  const instruction = requireFit(InstructionSchema, value);
  const { fault, sequence, times, percentage } = instruction;
  if ((fault === undefined) === (sequence === undefined)) {
    throw new Misfit([], 'found none or both of fault and sequence, expected one of them');
  }
  if (sequence !== undefined && (times !== undefined || percentage !== undefined)) {
    throw new Misfit(['sequence'], 'goes without times and percentage: each of its steps hits one request');
  }
  for (const [index, step] of (sequence ?? []).entries()) {
    if (step !== PASS) requireAgreement(requireFault(step, ['sequence', index]), ['sequence', index]);
  }
  if (fault !== undefined) requireAgreement(fault, ['fault']);
  return instruction;
}

/** Returns a step of a sequence that is a fault. Throws a Misfit for one that is none. */
function requireFault(step: Fault, path: DocumentPath): Fault {
  const [mismatch] = listMismatches(FaultSchema, step, 1);
  if (mismatch === undefined) return step;
  if (mismatch.path.length > 0) throw new Misfit([...path, ...mismatch.path], mismatch.reason);
  const hint = typeof step === 'string' ? suggest(step, [PASS]) : '';
  throw new Misfit(path, `found ${show(step)}, expected "${PASS}" or ${FaultSchema.description}${hint}`);
}

function requireAgreement(fault: Fault, path: DocumentPath): void {
  const contradiction = findContradiction(fault);
  if (contradiction !== undefined) throw new Misfit(path, contradiction);
  if (isDeeper(fault.details, MOST_DEPTH)) {
    throw new Misfit([...path, 'details'], `is nested deeper than ${MOST_DEPTH}, or refers to itself`);
  }
}

const MOST_DEPTH = 100;

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((item) => isDeeper(item, most - 1));
}
