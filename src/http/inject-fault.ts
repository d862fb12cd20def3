import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ArtifactDetailResponse } from '../contract/details.js';
import type { Envelope } from '../contract/envelope.js';
import type { InjectedFault } from '../control/exchange.js';
import { drawDelay } from '../faults/delay.js';
import type { Fault } from '../faults/fault.js';
import { catalogue } from './errors.js';
import { signalGone } from './gone.js';

/** Writes the body of the 200 with a status inside. Throws what a look-up throws. */
export type Answer = (status: ArtifactDetailResponse['status']) => string;

/** The seconds that a client is told to wait, where the fault does not say. */
const RETRY_AFTER = 1;

/** The statuses that tell a client when to come again (RFC 9110; RFC 6585). */
const RETRIABLE = [429, 503];

/** Lets a fault happen to a request; returns the body to send, or nothing where the connection has been dealt with. */
export async function injectFault(
  injected: InjectedFault,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): Promise<string | undefined> {
  const { fault } = injected;
  // What is remembered of a fault is small, whatever it answers.
  const { message: _message, details: _details, ...kept } = fault;
  request.injected = { ...injected, fault: kept };
  if (fault.delay !== undefined) {
    const isGone = await waitUnlessGone(drawDelay(fault.delay, request.session.random), reply);
    if (isGone) return leave(request, reply);
  }
  if (fault.code !== undefined || fault.network !== undefined) request.reason = 'fault';
  if (fault.network !== undefined) {
    if (request.raw.socket instanceof Socket) NETWORK[fault.network](request, reply, answer);
    else reply.raw.destroy(new Error(`network fault: ${fault.network}`));
    return leave(request, reply);
  }
  return fault.code === undefined ? answer(fault.status ?? 'SUCCESS') : writeError(fault.code, fault, reply);
}

/** Waits, in milliseconds, but no longer than somebody waits for the answer; returns whether nobody does any more. */
async function waitUnlessGone(delay: number, reply: FastifyReply): Promise<boolean> {
  const gone = signalGone(reply);
  await setTimeout(delay, undefined, { signal: gone }).catch(() => {});
  return gone.aborted;
}

/** Leaves a request without a whole answer. */
function leave(request: FastifyRequest, reply: FastifyReply): undefined {
  reply.hijack();
  request.server.record(request, undefined, reply.elapsedTime);
}

function writeError(code: number, { message, details, retryAfter }: Fault, reply: FastifyReply): string {
  reply.code(code);
  if (retryAfter !== undefined || RETRIABLE.includes(code)) reply.header('retry-after', retryAfter ?? RETRY_AFTER);
  const envelope: Envelope = { code: String(code), message: message ?? messageOf(code), ...(details && { details }) };
  return JSON.stringify(envelope);
}

/** The message of a fault that has none: the vendor's for a status that has but one; the status in words for any other. */
export function messageOf(code: number): string {
  const vendors = [catalogue.unauthorized, catalogue.forbidden, catalogue.internalError];
  return vendors.find(({ status }) => status === code)?.message ?? STATUS_CODES[code] ?? 'Fault';
}

/** What happens to the connection, by the name of the fault; the answer is sent in no case. */
const NETWORK: Record<
  NonNullable<Fault['network']>,
  (request: FastifyRequest, reply: FastifyReply, answer: Answer) => void
> = {
  reset: ({ raw }) => raw.socket.resetAndDestroy(),
  empty: ({ raw }) => raw.socket.destroy(),
  truncated: ({ raw: { socket } }, { raw }, answer) => {
    const body = Buffer.from(answer('SUCCESS'));
    raw.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length });
    raw.write(body.subarray(0, body.length / 2), () => socket.destroy());
  },
  garbage: ({ raw: { socket } }) => {
    socket.write('\x16\x03\x01 this is not HTTP\r\n\x00\xff', 'latin1', () => socket.destroy());
  },
  stall: () => {},
};
