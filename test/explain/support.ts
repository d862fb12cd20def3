import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import type { AppOptions } from '../../src/app.js';
import type { Control } from '../../src/control.js';
import { type Explanation, explain } from '../../src/explain/explain.js';
import type { Store } from '../../src/store/store.js';
import { build, KEY, makeControl, seedStore } from '../helper.js';

/** The part of a request that an explanation is about. */
export interface Asked {
  target: string;
  method?: string;
  /** The bundled key unless given; undefined for none. */
  key?: string | undefined;
  session?: string;
}

/** Builds an app with its control, and a function that explains a request by it. */
export async function buildExplainer(t: Test, options: Partial<AppOptions> = {}) {
  const store: Store = options.store ?? seedStore(t);
  const control: Control = options.control ?? makeControl(store);
  const app: FastifyInstance = build(t, { ...options, store, control });
  await app.ready();
  const ask = (asked: Asked): Promise<Explanation> => {
    const { target, method = 'GET', key, session } = { key: KEY, ...asked };
    const headers: [string, string][] = [];
    if (key !== undefined) headers.push(['x-api-key', Buffer.from(key).toString('latin1')]);
    if (session !== undefined) headers.push(['x-mock-session', session]);
    return explain(app.server, store, { target, method, headers });
  };
  return { app, store, control, ask };
}

/** Writes a target of the API, with its markers. */
export function at(ref: string, artifact: string, version: string, query = ''): string {
  return `/har/api/v1/registry/${ref}/+/artifact/${artifact}/+/version/${version}/details${query}`;
}
