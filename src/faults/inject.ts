import { type OutgoingHttpHeaders, STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import { ERRORS } from '../api/errors.js';
import type { Envelope } from '../api/schema.js';
import { GATEWAY, json, type Raw } from './answers.js';
import { type Delay, type Fault, MAX_DELAY } from './fault.js';
import type { Random } from './sessions.js';

type NetworkFault = NonNullable<Fault['network']>;

/** Waits (ms); returns whether the client has gone. */
export async function pause(delay: number, reply: FastifyReply): Promise<boolean> {
  const gone = signalGone(reply);
  await setTimeout(Math.min(delay, MAX_DELAY), undefined, { signal: gone }).catch(() => {});
  return gone.aborted;
}

/** Breaks the connection; `body` is that of the 200. */
export function breakConnection(fault: NetworkFault, reply: FastifyReply, body: string): void {
  const { socket } = reply.request.raw;
  if (socket instanceof Socket) NETWORK[fault](socket, reply, body);
  else reply.raw.destroy(new Error(`network fault: ${fault}`));
}

/** Returns a signal that aborts when the answer was sent or the connection is gone, for a request that waits. */
export function signalGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Draws the whole milliseconds of a delay. */
export function drawDelay(delay: Delay, random: Random): number {
  if (typeof delay === 'number') return delay;
  if ('min' in delay) return delay.min + Math.floor(random() * (delay.max - delay.min + 1));
  // Box–Muller: draws from the standard normal distribution.
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.min(MAX_DELAY, Math.round(delay.median * Math.exp(delay.sigma * normal)));
}

/** Returns the answer that a fault sends; undefined if it keeps the call's own. */
export function toAnswer(fault: Fault, ref: string): Raw | undefined {
  const { code, retryAfter, raw, gateway } = fault;
  if (gateway !== undefined) return GATEWAY[gateway](ref);
  if (code === undefined) return raw;
  const answer = json(code, toEnvelope(code, fault));
  return retryAfter === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfter) } };
}

/** Returns the body of a fault with a code. */
export function toEnvelope(code: number, { message, details }: Fault): Envelope {
  return { code: String(code), message: message ?? messageOf(code), ...(details && { details }) };
}

/** Returns the message of an error without one: the vendor's if its status has only one, or the status in words. */
export function messageOf(code: number): string {
  const vendors = [ERRORS.keyUnknown, ERRORS.scopeNotGranted, ERRORS.unforeseen];
  return vendors.find(({ status }) => status === code)?.message ?? STATUS_CODES[code] ?? 'Fault';
}

const NETWORK: Record<NetworkFault, (socket: Socket, reply: FastifyReply, body: string) => void> = {
  // A socket of TLS cannot be reset, but the TCP socket below it.
  reset: (socket: Socket & { _parent?: Socket }) => (socket._parent ?? socket).resetAndDestroy(),
  empty: (socket) => socket.destroy(),
  truncated(socket, reply, body) {
    const bytes = Buffer.from(body);
    const headers = { 'content-type': 'application/json', 'content-length': bytes.length };
    reply.raw.writeHead(200, { ...reply.getHeaders(), ...headers } as OutgoingHttpHeaders);
    reply.raw.write(bytes.subarray(0, bytes.length / 2), () => socket.destroy());
  },
  garbage: (socket) => void socket.write('\x16\x03\x01 this is not HTTP\r\n\x00\xff', 'latin1', () => socket.destroy()),
  stall() {},
};
