import { type IncomingMessage, request as send } from 'node:http';
import type { Request } from './workloads.js';

/** A request of any method, with a body that is sent as JSON. */
export interface Message {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Sends a request over a new connection; resolves with the status and the body of the answer. */
export function ask(
  url: string,
  { method, path, headers = {}, body }: Message,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    // The path is sent as it is; a parsed URL would lose spellings.
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

/** Sends a request once; throws an Error if status or body of the answer are not as expected. */
export async function requireAnswer(url: string, { path, headers, status, contains }: Request): Promise<void> {
  const found = await ask(url, { method: 'GET', path, headers });
  if (found.status === status && found.text.includes(contains)) return;
  throw new Error(`${url}${path}: found ${found.status} ${found.text}\nexpected ${status} ${contains}`);
}

/** Sends a request of a tester; throws an Error if the answer has another status. */
export async function requireStatus(url: string, message: Message & { status: number }): Promise<void> {
  const { status, text } = await ask(url, message);
  if (status === message.status) return;
  throw new Error(`${message.method} ${message.path}: found ${status} ${text}, expected ${message.status}`);
}
