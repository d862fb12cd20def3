import { type Static, Type } from '@sinclair/typebox';
import { LimitError } from '../util/errors.js';
import type { Candidate, Fault } from './fault.js';
import type { Headers } from './headers.js';
import { checkRule, type FaultRule, FaultRuleSchema, matchesProperties } from './rule.js';
import { type Random, requireSameSession } from './sessions.js';

/** Used-up rules count until they are disarmed. */
export const MAX_ARMED_FAULTS = 1_000;

const count = (description: string) => Type.Integer({ minimum: 0, description });

/** An armed fault rule with its counters. */
export const ArmedFaultSchema = Type.Object({
  id: count('counts from 1 in the order of arming'),
  ...FaultRuleSchema.properties,
  hits: count('how many requests it has hit; a pass of a sequence counts'),
  left: Type.Optional(count('how many it will still hit; absent for an unlimited rule')),
  // A declared fault outlives `clear`, and neither `verify` nor the limit counts it.
  declared: Type.Optional(Type.Literal(true, { description: 'whether a fixture declares it' })),
});

export type ArmedFault = Static<typeof ArmedFaultSchema>;

/** The properties of a request that rules match. */
export type MatchedRequest = Record<'ref' | 'artifact' | 'version' | 'method', string> &
  Record<'key' | 'session', string | undefined> & { readonly headers: Headers | undefined };

/** The armed faults of a server. */
export type ArmedFaults = ReturnType<typeof createArmedFaults>;

/** Creates an empty set of armed faults. With a session's name, a method affects the faults of that session only. */
export function createArmedFaults() {
  // In the order in which they are tried: armed ones in the order of arming, then declared ones.
  let faults: ArmedFault[] = [];
  let lastId = 0;
  const start = (rule: FaultRule): ArmedFault => {
    const left = rule.sequence?.length ?? rule.times;
    return { id: ++lastId, ...structuredClone(rule), hits: 0, ...(left !== undefined && { left }) };
  };
  const isOf = (session: string | undefined, { match }: ArmedFault) =>
    session === undefined || match?.session === session;

  return {
    /** Arms a rule. Throws a ValidationError for an invalid one, a LimitError when too many are armed. */
    arm(value: unknown, session?: string): ArmedFault {
      const { match, ...rest } = checkRule(value);
      requireSameSession(session, match?.session, ['match', 'session']);
      const inSession = { ...match, ...(session !== undefined && { session }) };
      const { length } = faults.filter(({ declared }) => !declared);
      if (length >= MAX_ARMED_FAULTS) throw new LimitError('armed faults', MAX_ARMED_FAULTS, 'disarm some or reset');
      const fault = start(Object.keys(inSession).length === 0 ? rest : { match: inSession, ...rest });
      faults.splice(length, 0, fault);
      return { ...fault };
    },
    /** Adds the rules of fixtures to the declared ones or, if `replaces`, replaces them. Counters start at 0. */
    declare(rules: readonly FaultRule[], replaces: boolean): void {
      const added = rules.map((rule): ArmedFault => ({ ...start(rule), declared: true }));
      faults = [...faults.filter(({ declared }) => !declared || !replaces), ...added];
    },
    /** How many faults are armed or declared in all sessions, used up or not. */
    get size(): number {
      return faults.length;
    },
    /** Lists faults in the order in which they are tried. A declared fault without a session is one of every session. */
    list(session?: string): ArmedFault[] {
      const isListed = (fault: ArmedFault) =>
        isOf(session, fault) || (fault.declared && fault.match?.session === undefined);
      return faults.filter(isListed).map((fault) => ({ ...fault }));
    },
    /** Returns whether there was a fault with this id. A declared fault is back after a reset. */
    disarm(id: number, session?: string): boolean {
      const index = faults.findIndex((fault) => fault.id === id && isOf(session, fault));
      return index !== -1 && faults.splice(index, 1).length > 0;
    },
    /** Disarms all but the declared faults. */
    clear(session?: string): void {
      faults = faults.filter((fault) => fault.declared || !isOf(session, fault));
    },
    /** Lists the next step of each matching rule. Without a generator (explain), a percentage always hits, and no step is used up. */
    steps(request: MatchedRequest, random?: Random): Candidate[] {
      const isHit = ({ left, match, percentage = 100 }: ArmedFault) =>
        left !== 0 &&
        matchesProperties(match, request) &&
        (percentage === 100 || random === undefined || random() * 100 < percentage);
      return faults.filter(isHit).map((rule) => ({
        trigger: 'armed',
        id: rule.id,
        fault: rule.sequence?.[rule.hits] ?? (rule.fault as Fault),
        use() {
          if (random === undefined) return;
          rule.hits += 1;
          if (rule.left !== undefined) rule.left -= 1;
        },
      }));
    },
  };
}
