import { Value } from '@sinclair/typebox/value';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { EnvelopeSchema } from '../../src/contract/envelope.js';

/** What the admin API answered. */
export interface Controlled {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into it as it likes
  body: any;
}

/** Asks the admin API; a body that is no text is sent as JSON. Every refusal is checked to be the envelope. */
export async function control(
  t: Test,
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { body, headers = {} }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Controlled> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const response = await app.inject({
    method,
    url: `/__admin${path}`,
    headers: { host: 'localhost:8650', ...type, ...headers },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const isJson = String(response.headers['content-type']).startsWith('application/json');
  const { statusCode: status, body: text } = response;
  const answer = { status, headers: response.headers, text, body: isJson ? response.json() : undefined };
  if (status >= 400) {
    t.strictSame([...Value.Errors(EnvelopeSchema, answer.body)], [], 'fits the contract');
    t.equal(answer.body?.code, String(status), 'carries its status');
  }
  return answer;
}

/** The header that names a session. */
export const of = (session: string) => ({ 'x-mock-session': session });
