import { type IncomingMessage, request as send } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import type { Request } from './answers.js';

/** A request of any method, with a body that is sent as JSON. */
export interface Message {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends a request over a connection of its own; resolves with the status and the text of the answer. */
export function ask(
  url: string,
  { method, path, headers = {}, body }: Message,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    // Written as it stands: a URL that is parsed before would lose spellings.
    const { hostname, port } = new URL(url);
    const content = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = send({ hostname, port, method, path, headers: { ...content, ...headers }, agent: false });
    request.on('response', (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode as number, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Asks once, and throws an Error unless the answer has the status and the body that it must have. */
export async function requireAnswer(url: string, { path, headers, status, body }: Request): Promise<void> {
  const found = await ask(url, { method: 'GET', path, headers });
  if (found.status === status && isDeepStrictEqual(parse(found.text), body)) return;
  throw new Error(`${url}${path}: found ${found.status} ${found.text}\nexpected ${status} ${JSON.stringify(body)}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
