import type { Server } from 'node:http';
import { Duplex } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Server as TlsServer } from 'node:tls';
import { type Static, Type } from '@sinclair/typebox';
import { findGrant } from '../api/auth.js';
import { ERRORS, LookupError, REASONS, type Reason, STEPS, type Step, stepOf } from '../api/errors.js';
import { optionalString, stringEnum } from '../api/schema.js';
import { spellingsOf } from '../api/spelling.js';
import { parseTarget } from '../api/target.js';
import { type Decisions, traces } from '../api/trace.js';
import type { ChosenFault, Delay, Fault } from '../faults/fault.js';
import { messageOf } from '../faults/inject.js';
import { quote } from '../util/text.js';
import { type AdviceContext, advise } from './advice.js';
import { diagnose, toLookup, UNKNOWN_NAMES } from './mistakes.js';

/** A request to explain. */
export interface ExplainedRequest {
  /** As it would be sent, such as `/har/api/v1/…`; any text. */
  target: string;
  /** `GET` unless given. */
  method?: string | undefined;
  /** Header lines, one character a byte. */
  headers: [name: string, value: string][];
}

/** What the server decides about a request, up to the first step that fails, and what to change. */
export const ExplanationSchema = Type.Object({
  target: Type.String({ description: 'the explained target' }),
  steps: Type.Array(
    Type.Object({
      step: stringEnum(STEPS, 'the decision'),
      passed: Type.Boolean({ description: 'whether the request passed it' }),
      found: Type.String({ description: 'what was found' }),
    }),
  ),
  // Absent too for a path of the server's own.
  status: Type.Optional(Type.Integer({ description: 'the status of the answer; absent without one' })),
  message: Type.String({ description: 'the message of the answer' }),
  reason: Type.Optional(Type.Unsafe<Reason>(stringEnum(REASONS, 'why it gets no 200'))),
  advice: optionalString('what to change'),
});

export type Explanation = Static<typeof ExplanationSchema>;

/** One run of the pipeline: what was decided, and the status of the answer if there was one. */
interface Run extends Decisions {
  target: string;
  method: string;
  status?: number | undefined;
}

/**
 * Explains a request by the real pipeline: hands an in-process connection to the server and reads what was decided. The
 * app must be ready but need not listen. Nothing is recorded, waited for or changed.
 */
export async function explain(
  server: Server,
  store: AdviceContext['store'],
  { target, method = 'GET', headers }: ExplainedRequest,
): Promise<Explanation> {
  const { kind, path } = parseTarget(target);
  if (kind === 'own') {
    const found = `${quote(path)} is a path of the server itself, not of the API`;
    return { target, steps: [{ step: 'route', passed: true, found }], message: 'not explained' };
  }
  const run: Run = { target, method, ...(await send(server, target, method, headers)) };
  const { reason, apiKey: key } = run;
  return {
    target,
    steps: listSteps(run, store),
    ...describeAnswer(run),
    ...(reason && { reason: diagnose(target, reason).reason, advice: advise(target, reason, { store, key }) }),
  };
}

/** Sends a request over an in-process connection; no status if it is closed without an answer. */
async function send(server: Server, target: string, method: string, headers: [string, string][]) {
  const requestLine = Buffer.from(`${method} ${target} HTTP/1.1`).toString('latin1');
  const lines = [requestLine, 'Host: localhost', ...headers.map((header) => header.join(': '))];
  // A line break would make it two requests.
  if (lines.some((line) => /[\r\n]/.test(line))) return { reason: 'malformedRequest', status: 400 } as const;
  const chunks: Buffer[] = [];
  const connection = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const trace: Decisions = {};
  traces.set(connection, trace);
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', connection);
  connection.push(Buffer.from(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`, 'latin1'));
  await finished(connection, { readable: false }).catch(() => {});
  connection.destroy();
  const status = /^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(chunks).toString())?.[1];
  // Node closes the connection of a CONNECT without an answer.
  return status === undefined ? ({ reason: 'methodNotAllowed' } as const) : { ...trace, status: Number(status) };
}

function describeAnswer({ reason, fault, hosted, status }: Run): Pick<Explanation, 'status' | 'message'> {
  if (status === undefined) return { message: 'the connection is closed without an answer' };
  if (hosted !== undefined) return { status, message: `hosted front: ${hosted}` };
  if (reason !== undefined && reason !== 'fault') return { status, message: ERRORS[reason].message };
  const { message } = describeOutcome(fault?.fault);
  return fault?.fault.network === undefined ? { status, message } : { message };
}

/** Lists the steps that the request passed, and the one that failed. */
function listSteps(run: Run, store: AdviceContext['store']): Explanation['steps'] {
  const { reason, status, found, details } = run;
  const failed = reason && stepOf(reason);
  // The parser reads the method first, a ref is checked before its grant, and a fault may precede the lookup.
  const isRead = reason !== 'methodUnknown' && status !== undefined;
  const end = reason === 'fault' && found instanceof LookupError ? 'registry' : failed;
  const decided = isRead ? STEPS.slice(0, end && STEPS.indexOf(end)) : [];
  const passed = decided.filter((step) => step !== 'grant' || details?.field !== 'registry_ref');
  const findings = describePassed(run, store);
  const steps = passed.map((step) => ({ step, passed: true, found: findings[step] }));
  return failed ? [...steps, { step: failed, passed: false, found: describeFailure(reason, run) }] : steps;
}

/** What the failed step has found; the reason, unless a place, a name or a fault says more. */
function describeFailure(reason: Reason, { target, details, fault }: Run): string {
  const { field, value, reason: rule } = details ?? {};
  if (field !== undefined) return `${field} ${rule}${value === undefined ? '' : `; found ${quote(value)}`}`;
  if (reason === 'fault') return describeFault(fault);
  const name = UNKNOWN_NAMES[reason];
  return name ? `${quote(toLookup(parseTarget(target))[name])} is not known` : diagnose(target, reason).reason;
}

/** What each step has found, if the request passed it. */
function describePassed(run: Run, store: AdviceContext['store']): Record<Step, string> {
  const { target, method, apiKey, found, fault } = run;
  const parsed = parseTarget(target);
  const { ref, artifact, version, artifactType, childVersion } = toLookup(parsed);
  const spelling = spellingsOf(parsed);
  const names = [
    `registry_ref ${quote(ref)} (spelling: ${spelling?.ref})`,
    `artifact ${quote(artifact)} (spelling: ${spelling?.artifact})`,
    `version ${quote(version)}`,
  ];
  const packageType = store.findPackageType(ref);
  const served = found instanceof LookupError ? undefined : found;
  const reason = served?.quarantineReason ?? null;
  const quarantine = reason === null ? '' : `, in quarantine: ${quote(reason)}`;
  const ofVersion = (served?.isAnyVersion ? ', served by the version "*"' : '') + (served?.isChild ? '' : quarantine);
  const child = served?.isChild ? quote(childVersion) + quarantine : 'childVersion has no effect here';
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
    version: quote(version) + ofVersion,
    child: childVersion === undefined ? 'not given' : child,
    fault: describeFault(fault),
  };
}

/** Describes the fault that happens, and the delays before it. */
function describeFault(chosen: ChosenFault | undefined): string {
  if (chosen === undefined) return 'none: 200 SUCCESS';
  const { id, delays, fault } = chosen;
  const name = id === undefined ? 'fault of the fixture' : `armed fault ${id}`;
  const late = delays.length === 0 ? '' : ` after ${delays.map(describeDelay).join(' and ')}`;
  return `${name}: ${describeOutcome(fault).effect}${late}`;
}

/** Says what a fault does to the answer, and what the message of the answer is. */
function describeOutcome({ code, message: own, network, raw, gateway, status }: Fault = {}) {
  if (code !== undefined) {
    const message = own ?? messageOf(code);
    return { effect: `${code} ${quote(message)}`, message };
  }
  if (gateway !== undefined) return { effect: `gateway ${gateway}`, message: `gateway fault: ${gateway}` };
  if (network !== undefined) return { effect: `network ${network}`, message: `network fault: ${network}` };
  if (raw !== undefined) return { effect: `raw ${raw.status}`, message: 'raw fault' };
  return { effect: `200 ${status ?? 'SUCCESS'}`, message: status ?? 'SUCCESS' };
}

function describeDelay(delay: Delay): string {
  if (typeof delay === 'number') return `${delay} ms`;
  return 'min' in delay ? `${delay.min} to ${delay.max} ms` : `about ${delay.median} ms`;
}
