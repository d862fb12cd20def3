import type { Server } from 'node:http';
import { Duplex } from 'node:stream';
import { Server as TlsServer } from 'node:tls';
import { findGrant } from '../api/auth.js';
import { ERRORS, LookupError, type Reason, STEPS, type Step, stepOf } from '../api/errors.js';
import type { PackageType } from '../api/schema.js';
import { spellingsOf } from '../api/spelling.js';
import { parseTarget } from '../api/target.js';
import { type Decisions, startTrace } from '../api/trace.js';
import type { Delay } from '../faults/fault.js';
import { messageOf } from '../faults/inject.js';
import type { FoundDetails } from '../store/store.js';
import { quote } from '../util/text.js';
import { type AdviceContext, diagnose } from './advice.js';
import { toLookup, UNKNOWN_NAMES } from './mistakes.js';

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
export interface Explanation {
  target: string;
  steps: { step: Step; passed: boolean; found: string }[];
  /** Absent if there would be no answer, or for a path of the server's own. */
  status?: number;
  message: string;
  reason?: Reason;
  advice?: string;
}

/** One run of the pipeline: what was decided, and the status of the answer if there was one. */
interface Run {
  trace: Decisions;
  status?: number;
  packageType?: PackageType | undefined;
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
  const { kind, path, parameters } = parseTarget(target);
  if (kind === 'own') {
    const found = `${quote(path)} is a path of the server itself, not of the API`;
    return { target, steps: [{ step: 'route', passed: true, found }], message: 'not explained' };
  }
  const run = await send(server, target, method, headers);
  if (parameters !== undefined) run.packageType = store.findPackageType(parameters.ref);
  const { reason, apiKey: key } = run.trace;
  const diagnosis = reason && diagnose(target, reason);
  return {
    target,
    steps: listSteps(target, method, run),
    ...describeAnswer(run),
    ...(diagnosis && { reason: diagnosis.reason, advice: diagnosis.advise({ store, key }) }),
  };
}

/** Sends a request over an in-process connection; no status if it is closed without an answer. */
function send(server: Server, target: string, method: string, headers: [string, string][]): Promise<Run> {
  const requestLine = Buffer.from(`${method} ${target} HTTP/1.1`).toString('latin1');
  const lines = [requestLine, 'Host: localhost', ...headers.map((header) => header.join(': '))];
  // A line break would make it two requests.
  if (lines.some((line) => /[\r\n]/.test(line))) {
    return Promise.resolve({ trace: { reason: 'malformedRequest' }, status: 400 });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const connection = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        chunks.push(chunk);
        done();
      },
      final(done) {
        done();
        connection.destroy();
      },
      destroy(_error, done) {
        done(null);
        const status = /^HTTP\/1\.1 (\d{3})/.exec(Buffer.concat(chunks).toString())?.[1];
        // Node closes the connection of a CONNECT without an answer.
        if (status === undefined) trace.reason = 'methodNotAllowed';
        resolve({ trace, ...(status && { status: Number(status) }) });
      },
    });
    const trace = startTrace(connection);
    server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', connection);
    connection.push(Buffer.from(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`, 'latin1'));
  });
}

function describeAnswer({ trace: { reason, fault, hosted }, status }: Run): Pick<Explanation, 'status' | 'message'> {
  const { network, gateway, code, message, status: outcome = 'SUCCESS' } = fault?.fault ?? {};
  if (status === undefined) return { message: 'the connection is closed without an answer' };
  if (reason === undefined) return { status, message: outcome };
  if (reason !== 'fault') return { status, message: hosted ? `hosted front: ${hosted}` : ERRORS[reason].message };
  if (network !== undefined) return { message: `network fault: ${network}` };
  if (code !== undefined) return { status, message: message ?? messageOf(code) };
  return { status, message: gateway === undefined ? 'raw fault' : `gateway fault: ${gateway}` };
}

/** Lists the steps that the request passed, and the one that failed. */
function listSteps(target: string, method: string, run: Run): Explanation['steps'] {
  const { trace, status } = run;
  const { reason, found, details = {} } = trace;
  const failed = reason && stepOf(reason);
  const isLookup = (step: Step) => STEPS.indexOf(step) >= STEPS.indexOf('registry');
  const isDecided = (step: Step) => {
    // The parser reads the method first, a ref is checked before its grant, and a fault may precede the lookup.
    if (reason === 'methodUnknown' || status === undefined) return false;
    if (step === 'grant' && details.field === 'registry_ref') return false;
    return !(failed === 'fault' && found instanceof LookupError && isLookup(step));
  };
  const findings = describePassed(target, method, run);
  const passed = STEPS.slice(0, failed && STEPS.indexOf(failed)).filter(isDecided);
  const steps = passed.map((step) => ({ step, passed: true, found: findings[step] }));
  if (reason === undefined || failed === undefined) return steps;
  return [...steps, { step: failed, passed: false, found: describeFailure(target, trace, reason) }];
}

/** What the failed step has found; the reason, unless a place, a name or a fault says more. */
function describeFailure(target: string, trace: Decisions, reason: Reason): string {
  const { field, value, reason: rule } = trace.details ?? {};
  if (field !== undefined) return `${field} ${rule}${value === undefined ? '' : `; found ${quote(value)}`}`;
  if (reason === 'fault') return describeFault(trace);
  const name = UNKNOWN_NAMES[reason];
  if (name !== undefined) return `${quote(toLookup(parseTarget(target))[name.member])} is not known`;
  return diagnose(target, reason).reason;
}

/** What each step has found, if the request passed it. */
function describePassed(target: string, method: string, { trace, packageType }: Run): Record<Step, string> {
  const { apiKey, found } = trace;
  const served: Partial<FoundDetails> = found instanceof LookupError ? {} : (found ?? {});
  const { quarantineReason = null, isChild = false, isAnyVersion = false } = served;
  const quarantine = quarantineReason === null ? '' : `, in quarantine: ${quote(quarantineReason)}`;
  const parsed = parseTarget(target);
  const { ref, artifact, version, artifactType, childVersion } = toLookup(parsed);
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
    version: `${quote(version)}${isAnyVersion ? ', served by the version "*"' : ''}${isChild ? '' : quarantine}`,
    child: childVersion === undefined ? 'not given' : child,
    fault: describeFault(trace),
  };
}

/** Describes the fault that happens, and the delays before it. */
function describeFault({ fault: chosen }: Decisions): string {
  if (chosen === undefined) return 'none: 200 SUCCESS';
  const { id, delays } = chosen;
  const { code, message, network, raw, gateway, status = 'SUCCESS' } = chosen.fault;
  const name = id === undefined ? 'fault of the fixture: ' : `armed fault ${id}: `;
  const late = delays.length === 0 ? '' : ` after ${delays.map(describeDelay).join(' and ')}`;
  if (code !== undefined) return `${name}${code} ${quote(message ?? messageOf(code))}${late}`;
  if (gateway !== undefined) return `${name}gateway ${gateway}${late}`;
  if (raw !== undefined) return `${name}raw ${raw.status}${late}`;
  return `${name}${network === undefined ? `200 ${status}` : `network ${network}`}${late}`;
}

function describeDelay(delay: Delay): string {
  if (typeof delay === 'number') return `${delay} ms`;
  return 'min' in delay ? `${delay.min} to ${delay.max} ms` : `about ${delay.median} ms`;
}
