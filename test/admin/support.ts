import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import { checkContract } from '../helper.js';

/** What the admin API answered. */
export interface AdminAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads any member
  body: any;
}

export interface AdminOptions {
  /** Text and bytes are sent as they are, anything else as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
}

/** Sends a request to the admin API. Every error is checked against the contract's envelope. */
export async function askAdmin(
  t: Test,
  app: FastifyInstance,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  { body, headers = {} }: AdminOptions = {},
): Promise<AdminAnswer> {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const response = await app.inject({
    method,
    url: `/__admin${path}`,
    headers: {
      host: 'localhost:8650',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { payload: isRaw ? body : JSON.stringify(body) }),
  });
  const text = response.body;
  const isJson = response.headers['content-type'] === 'application/json';
  const answer = {
    status: response.statusCode,
    headers: response.headers as Record<string, string>,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
  if (answer.status >= 400) checkContract(t, answer);
  return answer;
}

/** The header of a session. */
export const sessionHeader = (session: string) => ({ 'x-mock-session': session });

export const KEY_OF_WEB = 'sat.acme.web.local';
