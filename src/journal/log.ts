import { performance } from 'node:perf_hooks';
import type { Writable } from 'node:stream';
import { type Logger, pino } from 'pino';
import { parseTarget } from '../api/target.js';
import type { LogLevel, LogRequests } from '../config/options.js';
import { escapeControls, quote, shorten } from '../util/text.js';
import { type Describe, type RecordedRequest, roundDuration } from './entry.js';

/** A stream for text; a terminal knows whether it shows colours, as `NO_COLOR` and `TERM` say. */
export type Output = Writable & { isTTY?: boolean; hasColors?(): boolean };

/** Creates a logger that writes JSON lines to a stream, or readable lines to a terminal. */
export async function createLogger(level: LogLevel, output: Output): Promise<Logger> {
  if (!output.isTTY || level === 'silent') return pino({ level }, output);
  const { default: pretty } = await import('pino-pretty');
  const colorize = output.hasColors?.() === true;
  return pino(
    { level },
    pretty({ destination: output, colorize, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }),
  );
}

export type RequestLog = (recorded: RecordedRequest, describe: Describe) => void;

/** The longest name, path and advice of a line on a terminal. */
const MAX_NAME = 60;
const MAX_PATH = 100;
const MAX_ADVICE = 120;

/** How long the log may look up advice in a second, in milliseconds; further lines of that second have none. */
const MAX_ADVICE_TIME = 100;

/** Creates the log of requests: lines for people on a terminal, JSON lines elsewhere; undefined if there is none. */
export function createRequestLog(mode: LogRequests, output: Output): RequestLog | undefined {
  if (mode === 'off' || (mode === 'auto' && !output.isTTY)) return undefined;
  if (!output.isTTY) return (recorded, describe) => void output.write(formatJson(recorded, describe));
  const hasColors = output.hasColors?.() === true;
  // Advice is looked up in the store, so its time per second is limited.
  let second = 0;
  let spent = 0;
  return (recorded, describe) => {
    const start = performance.now();
    const now = Math.floor(start / 1_000);
    if (now !== second) [second, spent] = [now, 0];
    output.write(formatLine(recorded, describe, hasColors, spent < MAX_ADVICE_TIME));
    spent += performance.now() - start;
  };
}

/** The members are those of the journal, between those that all lines of the log have. */
function formatJson(recorded: RecordedRequest, { reasonOf }: Describe): string {
  const { time, method, target, status, duration, key, session, fault, reason, requestId, traceId } = recorded;
  const request = { method, target, status, duration: roundDuration(duration), key, session, fault };
  const ids = { reason: reason && reasonOf(target, reason), requestId, traceId };
  return `${escapeControls(JSON.stringify({ level: 30, time, ...request, ...ids, msg: 'request' }))}\n`;
}

/** Formats `404 GET acme/pypi acme-metrics 0.9  versionUnknown: nearest 0.9.0+local.3  1.6 ms`. */
function formatLine(recorded: RecordedRequest, describe: Describe, hasColors: boolean, withAdvice: boolean): string {
  const { method, target, status, duration, reason, fault } = recorded;
  const paint = (color: number, text: string) => (hasColors ? `\u001B[${color}m${text}\u001B[0m` : text);
  const color = status === undefined || status >= 500 ? 31 : status >= 400 ? 33 : 32;
  const parts = [`${paint(color, String(status ?? '---'))} ${method} ${formatTarget(target)}`];
  if (reason !== undefined) {
    const ofFault = [fault?.trigger, fault?.id].join(' ').trim();
    const advice = reason === 'fault' ? ofFault : withAdvice ? describe.adviceOn(target, reason, true) : undefined;
    const why = advice === undefined ? '' : `: ${shorten(escapeControls(advice), MAX_ADVICE)}`;
    parts.push(describe.reasonOf(target, reason) + why);
  }
  return `${[...parts, paint(2, `${duration.toFixed(1)} ms`)].join('  ')}\n`;
}

/** The names of a call, or the path of another target; without the query, which may contain a key. */
function formatTarget(target: string): string {
  const { parameters, path } = parseTarget(target);
  if (parameters === undefined) return shorten(quote(path), MAX_PATH);
  const { ref, artifact, version } = parameters;
  return [ref, artifact, version].map((name) => shorten(quote(name), MAX_NAME)).join(' ');
}
