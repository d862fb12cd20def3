import { performance } from 'node:perf_hooks';
import type { Writable } from 'node:stream';
import type { Reason } from '../api/errors.js';
import { parseTarget } from '../api/target.js';
import type { LogRequests } from '../config/options.js';
import { escapeControls, quote, shorten } from '../util/text.js';
import { type Describe, type RecordedRequest, roundDuration } from './entry.js';

/** A stream for text; a terminal knows whether it shows colours, as `NO_COLOR` and `TERM` say. */
export type Output = Writable & { isTTY?: boolean; hasColors?(): boolean };

export type RequestLog = (recorded: RecordedRequest, describe: Describe) => void;

type Format = (recorded: RecordedRequest, describe: Describe) => string;

/** The longest name, path and advice of a line on a terminal. */
const MAX_NAME = 60;
const MAX_PATH = 100;
const MAX_ADVICE = 120;

/** How long the log may look up advice in a second, in milliseconds; further lines of that second have none. */
const MAX_ADVICE_TIME = 100;

/** Creates the log of requests: lines for people on a terminal, JSON lines elsewhere; undefined if there is none. */
export function createRequestLog(mode: LogRequests, output: Output): RequestLog | undefined {
  if (mode === 'off' || (mode === 'auto' && !output.isTTY)) return undefined;
  const format: Format = output.isTTY ? createLineFormat(output.hasColors?.() === true) : formatJson;
  return (recorded, describe) => void output.write(`${format(recorded, describe)}\n`);
}

/** The members are those of the journal, between those that all lines of the log have. */
function formatJson(recorded: RecordedRequest, { reasonOf }: Describe): string {
  const { time, method, target, status, duration, key, session, fault, reason, requestId, traceId } = recorded;
  const request = { method, target, status, duration: roundDuration(duration), key, session, fault };
  const ids = { reason: reason && reasonOf(target, reason), requestId, traceId };
  return escapeControls(JSON.stringify({ level: 30, time, ...request, ...ids, msg: 'request' }));
}

/** Formats `404 GET acme/pypi acme-metrics 0.9  versionUnknown: nearest 0.9.0+local.3  1.6 ms`. */
function createLineFormat(hasColors: boolean): Format {
  const paint = (color: number, text: string) => (hasColors ? `\u001B[${color}m${text}\u001B[0m` : text);
  const advise = createAdviser();
  return (recorded, describe) => {
    const { method, target, status, duration } = recorded;
    const color = status === undefined || status >= 500 ? 31 : status >= 400 ? 33 : 32;
    const request = `${paint(color, String(status ?? '---'))} ${method} ${formatTarget(target)}`;
    const why = describeFailure(recorded, describe, advise);
    return [request, ...(why === undefined ? [] : [why]), paint(2, `${duration.toFixed(1)} ms`)].join('  ');
  };
}

/** The names of a call, or the path of another target; without the query, which may contain a key. */
function formatTarget(target: string): string {
  const { parameters, path } = parseTarget(target);
  if (parameters === undefined) return shorten(quote(path), MAX_PATH);
  const { ref, artifact, version } = parameters;
  return [ref, artifact, version].map((name) => shorten(quote(name), MAX_NAME)).join(' ');
}

type Advise = (target: string, reason: Reason, describe: Describe) => string | undefined;

function describeFailure({ target, reason, fault }: RecordedRequest, describe: Describe, advise: Advise) {
  if (reason === undefined) return undefined;
  const advice = reason === 'fault' ? [fault?.trigger, fault?.id].join(' ').trim() : advise(target, reason, describe);
  const refined = describe.reasonOf(target, reason);
  return advice === undefined ? refined : `${refined}: ${shorten(escapeControls(advice), MAX_ADVICE)}`;
}

/** Advice reads the store, so many failed requests must not slow down the others. */
function createAdviser(): Advise {
  let second = 0;
  let spent = 0;
  return (target, reason, describe) => {
    const start = performance.now();
    const now = Math.floor(start / 1_000);
    if (now !== second) spent = 0;
    second = now;
    if (spent >= MAX_ADVICE_TIME) return undefined;
    const advice = describe.adviceOn(target, reason, true);
    spent += performance.now() - start;
    return advice;
  };
}
