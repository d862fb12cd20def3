import { isEnvelope, parseJson } from '../contract.js';
import { Finding } from '../failure.js';
import type { Response } from './response.js';

/** Throws a Finding unless an answer of 400 or above is the contract's envelope, and is no failure of the server itself. */
export function requireEnvelope({ status, headers, body }: Response, method: string): void {
  const types = headers.get('content-type') ?? [];
  if (types.length !== 1 || !/^application\/json(; charset=utf-8)?$/.test(types[0] as string)) {
    throw new Finding(`a ${status} of the type application/json`, types.join(', ') || 'no type');
  }
  if (method === 'HEAD') return;
  const text = body.toString();
  if (!isEnvelope(parseJson(text), status)) throw new Finding(`the envelope of a ${status}`, text);
  if (status === 500) throw new Finding('an answer that the server means', text);
}
