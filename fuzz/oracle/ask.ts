import { formatPath } from '../../src/wire/path.js';
import { toQuery } from '../bundled.js';
import type { Ask } from './asks.js';

/** What came back. */
export interface Answer {
  status: number;
  text: string;
}

/** The target of a request in the encoded form, which generated clients send. */
export const targetOf = (ask: Ask): string => formatPath(ask, 'encoded') + toQuery(ask);

/** Asks a server or a proxy in front of it. */
export async function send(url: string, target: string, key: string): Promise<Answer> {
  const response = await fetch(url + target, { headers: { 'x-api-key': key } });
  return { status: response.status, text: await response.text() };
}
