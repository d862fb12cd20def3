import { KEY } from '../bundled.js';
import type { Message } from './conversation.js';

/** What a request is written from; the texts are one character a byte. */
export interface RequestParts {
  method?: string;
  target: string;
  /** Header lines besides `Host` and the key, without their line ends. */
  lines?: readonly string[];
  body?: string;
}

/** The lines with which a request is let in. */
export const OWN_LINES = ['Host: localhost', `x-api-key: ${KEY}`];

/** Writes a whole, well-formed request, to which one answer is due. */
export function writeRequest({ method = 'GET', target, lines = [], body = '' }: RequestParts): Message {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const head = [`${method} ${target} HTTP/1.1`, ...OWN_LINES, ...lines, ...length];
  return { bytes: `${head.join('\r\n')}\r\n\r\n${body}`, method };
}

/** Writes the last request of a connection, behind whose answer the server closes. */
export function writeLast(target: string): Message {
  return { ...writeRequest({ target, lines: ['Connection: close'] }), isLast: true };
}

/** The length that a request's head may have for sure; Node takes 16 KiB (source: Node, `maxHeaderSize`). */
export const SURE_HEAD = 15_000;
