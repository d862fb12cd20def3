import { findGrant } from '../api/auth.js';
import { ERRORS, LookupError, type Reason, STEPS, type Step, stepOf } from '../api/errors.js';
import { spellingsOf } from '../api/spelling.js';
import { findBadEscape, parseTarget, type Target } from '../api/target.js';
import type { Trace } from '../api/trace.js';
import type { Delay } from '../faults/fault.js';
import { messageOf } from '../faults/inject.js';
import { quote } from '../util/text.js';
import { refineReason, toLookup } from './advice.js';

/** What the server decides about a request, up to the first step that fails, and what to change. */
export interface Explanation {
  target: string;
  steps: { step: Step; passed: boolean; found: string }[];
  /** Absent if there would be no answer, or for a path of the server's own. */
  status?: number;
  message: string;
  reason?: Reason;
  advice?: string;
}

/** One run of the pipeline: the request, what was decided, and what was answered. */
export interface Run {
  target: string;
  method: string;
  trace: Trace;
  status?: number;
  /** The details of an error. */
  details: Record<string, unknown>;
}

/** Describes what was answered. */
export function describeAnswer({ trace: { reason, fault }, status }: Run): Pick<Explanation, 'status' | 'message'> {
  const { network, code, message = messageOf(Number(code)), status: outcome = 'SUCCESS' } = fault?.fault ?? {};
  if (status === undefined) return { message: 'the connection is closed without an answer' };
  if (reason === undefined) return { status, message: outcome };
  if (reason !== 'fault') return { status, message: ERRORS[reason].message };
  return network === undefined ? { status: Number(code), message } : { message: `network fault: ${network}` };
}

/** Lists the steps that the request passed, and the one that failed. */
export function listSteps(run: Run): Explanation['steps'] {
  const { reason, found } = run.trace;
  const failed = reason === undefined ? undefined : stepOf(reason);
  const isLookup = (step: Step) => STEPS.indexOf(step) >= STEPS.indexOf('registry');
  const isDecided = (step: Step) => {
    // The parser reads the method first, a ref is checked before its grant, and a fault may precede the lookup.
    if (reason === 'methodUnknown' || run.status === undefined) return false;
    if (step === 'grant' && run.details.field === 'registry_ref') return false;
    return !(failed === 'fault' && found instanceof LookupError && isLookup(step));
  };
  const parsed = parseTarget(run.target);
  const findings = describePassed(run, parsed);
  const passed = STEPS.slice(0, failed && STEPS.indexOf(failed)).filter(isDecided);
  const steps = passed.map((step) => ({ step, passed: true, found: findings[step] }));
  if (reason === undefined || failed === undefined) return steps;
  return [...steps, { step: failed, passed: false, found: describeFailure(failed, reason, run, parsed) }];
}

/** What each step has found, if the request passed it. */
function describePassed({ method, trace }: Run, parsed: Target): Record<Step, string> {
  const { apiKey, packageType, found } = trace;
  const { quarantineReason = null, isChild = false } = found instanceof LookupError || !found ? {} : found;
  const quarantine = quarantineReason === null ? '' : `, in quarantine: ${quote(quarantineReason)}`;
  const { ref = '', artifact, version, artifactType, childVersion } = toLookup(parsed) ?? {};
  const spelling = spellingsOf(parsed);
  const names = [
    `registry_ref ${quote(ref)} (spelling: ${spelling?.ref})`,
    `artifact ${quote(artifact)} (spelling: ${spelling?.artifact})`,
    `version ${quote(version)}`,
  ];
  const child = isChild ? quote(childVersion) + quarantine : 'childVersion has no effect here';
  return {
    target: 'can be decoded',
    route: names.join(', ') + (spelling?.portable === false ? '; not portable' : ''),
    method,
    key: apiKey ? `key ${quote(apiKey.name)}` : 'keys are not checked by name',
    grant: apiKey ? `${quote(findGrant(apiKey.grants, ref))} covers ${quote(ref)}` : 'not needed',
    syntax: 'all parameters are valid',
    registry: quote(ref) + (packageType === undefined ? '' : `, ${packageType}`),
    artifactType: artifactType ?? 'not given',
    artifact: quote(artifact),
    version: quote(version) + (isChild ? '' : quarantine),
    child: childVersion === undefined ? 'not given' : child,
    fault: describeFault(trace),
  };
}

/** What the step that the request failed has found; the reason, unless a place, a name or a fault says more. */
function describeFailure(step: Step, reason: Reason, { target, trace, details }: Run, parsed: Target): string {
  const { field, value, reason: rule } = details;
  const isChecked = STEPS.indexOf(step) > STEPS.indexOf('grant');
  if (isChecked && field !== undefined)
    return `${field} ${rule}${value === undefined ? '' : `; found ${quote(value)}`}`;
  if (reason === 'undecodable') return `${quote(findBadEscape(target))} is not percent-encoded UTF-8`;
  if (reason === 'fault') return describeFault(trace);
  const { ref, artifact, version, childVersion } = toLookup(parsed) ?? {};
  const names: Partial<Record<Step, unknown>> = { registry: ref, artifact, version, child: childVersion };
  return step in names ? `${quote(names[step])} is not known` : refineReason(target, reason);
}

/** Describes the fault that happens, and the delays before it. */
function describeFault({ fault: chosen }: Trace): string {
  if (chosen === undefined) return 'none: 200 SUCCESS';
  const { id, delays } = chosen;
  const { code, message, network, status = 'SUCCESS' } = chosen.fault;
  const name = id === undefined ? 'fault of the fixture: ' : `armed fault ${id}: `;
  const late = delays.length === 0 ? '' : ` after ${delays.map(describeDelay).join(' and ')}`;
  if (code !== undefined) return `${name}${code} ${quote(message ?? messageOf(code))}${late}`;
  return `${name}${network === undefined ? `200 ${status}` : `network ${network}`}${late}`;
}

function describeDelay(delay: Delay): string {
  if (typeof delay === 'number') return `${delay} ms`;
  return 'min' in delay ? `${delay.min} to ${delay.max} ms` : `about ${delay.median} ms`;
}
