import { KEY } from '../bundled.js';
import type { Message } from './conversation.js';

/** The parts of a request; one character a byte. */
export interface RequestParts {
  method?: string;
  target: string;
  /** Header lines besides `Host` and the key, without their line ends. */
  lines?: readonly string[];
  body?: string;
}

/** The header lines of every well-formed request. */
export const COMMON_LINES = ['Host: localhost', `x-api-key: ${KEY}`];

/** Formats a well-formed request. */
export function writeRequest({ method = 'GET', target, lines = [], body = '' }: RequestParts): Message {
  const length = body === '' ? [] : [`Content-Length: ${body.length}`];
  const head = [`${method} ${target} HTTP/1.1`, ...COMMON_LINES, ...lines, ...length];
  return { bytes: `${head.join('\r\n')}\r\n\r\n${body}`, method };
}

/** Formats a request after whose answer the server closes the connection. */
export function writeLast(target: string): Message {
  return { ...writeRequest({ target, lines: ['Connection: close'] }), isLast: true };
}

/** A head up to this length is below Node's limit of 16 KiB (`maxHeaderSize`), however Node counts. */
export const SAFE_HEAD = 15_000;
