import { makeRequests, PUBLISHED, type Request } from '../answers.js';
import { ask, type Message } from '../ask.js';

/** A request that is asked for again and again, by so many connections at once. */
export interface Stream {
  request: Request;
  connections: number;
}

const { hit, ...refused } = makeRequests(PUBLISHED);

const fault: Request = {
  path: hit.path,
  headers: { ...hit.headers, prefer: 'code=503' },
  status: 503,
  body: { code: '503', message: 'Service Unavailable' },
};

/** What a soak asks for all the time: hits first, and fewer of every refusal and of a fault. */
export const STREAMS: readonly [hits: Stream, ...others: Stream[]] = [
  { request: hit, connections: 32 },
  ...[...Object.values(refused), fault].map((request) => ({ request, connections: 4 })),
];

const FIXTURE = {
  registries: [
    { ref: 'acme/soak', packageType: 'GENERIC', artifacts: [{ name: 'a', versions: [{ version: '1', size: 1 }] }] },
  ],
};

/** What a tester does meanwhile, over and over. */
const CONTROLS: readonly (Message & { status: number })[] = [
  { method: 'PUT', path: '/__admin/fixtures', body: FIXTURE, status: 200 },
  { method: 'GET', path: '/__admin/fixtures', status: 200 },
  { method: 'DELETE', path: '/__admin/fixtures?ref=acme/soak', status: 200 },
  { method: 'POST', path: '/__admin/faults', body: { fault: { code: 500 }, times: 1 }, status: 201 },
  { method: 'GET', path: hit.path, headers: hit.headers, status: 500 },
  { method: 'POST', path: '/__admin/verify', status: 200 },
  { method: 'DELETE', path: '/__admin/faults', status: 204 },
  { method: 'GET', path: '/__admin/journal?limit=1000', status: 200 },
  { method: 'GET', path: `/__admin/explain?target=${encodeURIComponent(refused['404'].path)}`, status: 200 },
  { method: 'GET', path: '/__admin/metrics', status: 200 },
  { method: 'GET', path: '/docs', status: 200 },
  { method: 'GET', path: '/readyz', status: 200 },
];

/** Keeps the fault of the tester from all others. */
const SESSION = { 'x-mock-session': 'soak' };

/** Returns data, faults and journal to the start. Throws an Error where that is refused. */
export function reset(url: string): Promise<void> {
  return requireStatus(url, { method: 'POST', path: '/__admin/reset', status: 204 });
}

/** Does once all that a tester does; returns how many requests that was. Throws an Error for a status that is not due. */
export async function control(url: string): Promise<number> {
  for (const { headers, ...message } of CONTROLS) {
    await requireStatus(url, { ...message, headers: { ...SESSION, ...headers } });
  }
  return CONTROLS.length;
}

async function requireStatus(url: string, { status, ...message }: Message & { status: number }): Promise<void> {
  const found = await ask(url, message);
  if (found.status === status) return;
  throw new Error(`${message.method} ${message.path}: found ${found.status} ${found.text}, expected ${status}`);
}
