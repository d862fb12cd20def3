import { LimitError } from '../util/errors.js';
import type { Fault } from './fault.js';
import type { Headers } from './headers.js';
import { checkRule, type FaultRule, matchesProperties } from './rule.js';
import type { Random } from './sessions.js';

/** Used-up rules count until they are disarmed. */
export const MAX_ARMED_FAULTS = 1_000;

/** An armed fault rule with its counters. */
export interface ArmedFault extends FaultRule {
  /** Counts from 1 in the order of arming. */
  id: number;
  /** The number of requests that it hit; a `pass` of a sequence counts. */
  hits: number;
  /** How many requests it will still hit; absent for an unlimited rule. */
  left?: number;
  /** Whether a fixture declares it; such a fault outlives `clear`, and neither `verify` nor the limit counts it. */
  declared?: true;
}

/** The properties of a request that rules match. */
export type MatchedRequest = Record<'ref' | 'artifact' | 'version' | 'method', string> &
  Record<'key' | 'session', string | undefined> & { readonly headers: Headers | undefined };

/** The armed faults of a server. */
export type ArmedFaults = ReturnType<typeof createArmedFaults>;

/** Creates an empty set of armed faults. With a session's name, a method affects the faults of that session only. */
export function createArmedFaults() {
  let armed: ArmedFault[] = [];
  let declared: ArmedFault[] = [];
  let lastId = 0;
  const start = (rule: FaultRule): ArmedFault => {
    const left = rule.sequence?.length ?? rule.times;
    return { id: ++lastId, ...structuredClone(rule), hits: 0, ...(left !== undefined && { left }) };
  };
  const isOf = (session: string | undefined) => (fault: ArmedFault) =>
    session === undefined || fault.match?.session === session;

  return {
    /** Throws a ValidationError for an invalid rule, a LimitError when too many are armed. */
    arm(value: unknown): ArmedFault {
      const rule = checkRule(value);
      if (armed.length >= MAX_ARMED_FAULTS) {
        throw new LimitError('armed faults', MAX_ARMED_FAULTS, 'disarm some or reset');
      }
      const fault = start(rule);
      armed.push(fault);
      return { ...fault };
    },
    /** Adds the rules of fixtures to the declared ones or, if `replaces`, replaces them. Counters start at 0. */
    declare(rules: readonly FaultRule[], replaces: boolean): void {
      const added = rules.map((rule): ArmedFault => ({ ...start(rule), declared: true }));
      declared = replaces ? added : [...declared, ...added];
    },
    /** How many faults are armed or declared in all sessions, used up or not. */
    get size(): number {
      return armed.length + declared.length;
    },
    /** Lists faults in the order in which they are tried: armed ones in the order of arming, then declared ones. */
    list(session?: string): ArmedFault[] {
      // A declared fault without a session is one of every session.
      const isListed = (fault: ArmedFault) => fault.match?.session === undefined || isOf(session)(fault);
      return [...armed.filter(isOf(session)), ...declared.filter(isListed)].map((fault) => ({ ...fault }));
    },
    /** Returns whether there was a fault with this id. A declared fault is back after a reset. */
    disarm(id: number, session?: string): boolean {
      const isOther = (fault: ArmedFault) => fault.id !== id || !isOf(session)(fault);
      const before = armed.length + declared.length;
      armed = armed.filter(isOther);
      declared = declared.filter(isOther);
      return armed.length + declared.length < before;
    },
    /** Disarms all but the declared faults. */
    clear(session?: string): void {
      armed = armed.filter((fault) => !isOf(session)(fault));
    },
    /** Yields the next step of each matching rule, in the order of `list`. Without a generator (explain), a percentage always hits. */
    *steps(request: MatchedRequest, random?: Random): Generator<{ id: number; fault: Fault | 'pass'; use(): void }> {
      for (const rule of declared.length === 0 ? armed : [...armed, ...declared]) {
        const { id, fault, sequence, hits, percentage = 100 } = rule;
        if (rule.left === 0 || !matchesProperties(rule.match, request)) continue;
        if (percentage < 100 && random !== undefined && random() * 100 >= percentage) continue;
        const use = () => {
          rule.hits += 1;
          if (rule.left !== undefined) rule.left -= 1;
        };
        yield { id, fault: (sequence?.[hits] ?? fault) as Fault | 'pass', use };
      }
    },
  };
}
