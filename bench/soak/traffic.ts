import { join } from 'node:path';
import { type Message, requireStatus } from '../ask.js';
import { KEY, writeKeys, writeTargets, writeVersions } from '../data.js';
import { ERROR_ROWS, makeRequests, makeWorkload, type Workload } from '../workloads.js';

/** The number of versions; small, because the tester exports all of them again and again. */
const VERSIONS = 1_000;

/** Connections that send the requests of a workload. */
export interface Stream {
  workload: Workload;
  connections: number;
}

/** The traffic of a soak. */
export interface Traffic {
  fixtures: readonly string[];
  /** Most requests are found; the other streams get errors and a fault. */
  streams: readonly [found: Stream, ...others: Stream[]];
}

/** Prepares the traffic, with files in an empty folder. */
export async function prepareTraffic(folder: string): Promise<Traffic> {
  const fixtures = [join(folder, 'versions.ndjson'), join(folder, 'keys.json')] as const;
  const versions = await writeVersions(fixtures[0], VERSIONS);
  writeKeys(fixtures[1]);
  const lists = writeTargets(join(folder, 'targets'), versions, 'published');
  const headers = { 'x-api-key': KEY, prefer: 'code=503' };
  const fault = makeRequests(lists.found, headers, { status: 503, contains: 'Service Unavailable' });
  const others = [...ERROR_ROWS.map((row) => makeWorkload(row, lists)), fault];
  return {
    fixtures,
    streams: [
      { workload: makeWorkload('distinct', lists), connections: 32 },
      ...others.map((workload) => ({ workload, connections: 4 })),
    ],
  };
}

const FIXTURE = {
  registries: [
    { ref: 'acme/soak', packageType: 'GENERIC', artifacts: [{ name: 'a', versions: [{ version: '1', size: 1 }] }] },
  ],
};

/** What a tester does meanwhile, again and again. */
const listControls = (path: string): (Message & { status: number })[] => [
  { method: 'PUT', path: '/__admin/fixtures', body: FIXTURE, status: 200 },
  { method: 'GET', path: '/__admin/fixtures', status: 200 },
  { method: 'DELETE', path: '/__admin/fixtures?ref=acme/soak', status: 200 },
  { method: 'POST', path: '/__admin/faults', body: { fault: { code: 500 }, times: 1 }, status: 201 },
  { method: 'GET', path, headers: { 'x-api-key': KEY }, status: 500 },
  { method: 'POST', path: '/__admin/verify', status: 200 },
  { method: 'DELETE', path: '/__admin/faults', status: 204 },
  { method: 'GET', path: '/__admin/journal?limit=1000', status: 200 },
  { method: 'GET', path: `/__admin/explain?target=${encodeURIComponent(path)}`, status: 200 },
  { method: 'GET', path: '/__admin/metrics', status: 200 },
  { method: 'GET', path: '/docs', status: 200 },
  { method: 'GET', path: '/readyz', status: 200 },
];

/** Limits the tester's fault to the tester's requests. */
const SESSION = { 'x-mock-session': 'soak' };

/** Resets data, faults and journal. Throws an Error for an unexpected answer. */
export function reset(url: string): Promise<void> {
  return requireStatus(url, { method: 'POST', path: '/__admin/reset', status: 204 });
}

/** Sends all requests of a tester once; returns their number. Throws an Error for an unexpected answer. */
export async function control(url: string, path: string): Promise<number> {
  const controls = listControls(path);
  for (const { headers, ...message } of controls) {
    await requireStatus(url, { ...message, headers: { ...SESSION, ...headers } });
  }
  return controls.length;
}
