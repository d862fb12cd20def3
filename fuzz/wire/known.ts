import { formatPath, type Spelling } from '../../src/wire/path.js';
import { type Bundled, listBundled, toQuery } from '../bundled.js';
import { isDetails, parseJson } from '../contract.js';
import { Finding } from '../failure.js';
import type { Service } from '../service.js';
import { converse } from './connection.js';
import type { Message } from './conversation.js';
import { writeLast, writeRequest } from './request.js';
import { readResponses } from './response.js';

/** A version whose body is known byte for byte. */
export interface Known {
  bundled: Bundled;
  body: string;
}

/** Asks a server for all that it serves, before anything else. Throws a Finding for a body that is not the contract's. */
export async function learnBodies({ port }: Service): Promise<Known[]> {
  const known: Known[] = [];
  for (const bundled of listBundled()) {
    const { bytes } = await converse(port, [writeLast(targetOf(bundled, 'encoded')).bytes], { kind: 'wait' });
    const [response] = readResponses(bytes, ['GET']);
    const body = String(response?.body);
    requireDetails(bundled, body);
    known.push({ bundled, body });
  }
  return known;
}

function requireDetails({ artifact, version, childVersion = version }: Bundled, text: string): void {
  const body = parseJson(text);
  const isOfBundled = isDetails(body) && body.data.name === artifact && body.data.version === childVersion;
  if (!isOfBundled) throw new Finding(`the details of ${artifact} ${childVersion}`, text);
}

/** Asks for a version whose body is known. */
export function askKnown({ bundled, body }: Known, spelling: Spelling): Message {
  return { ...writeRequest({ target: targetOf(bundled, spelling) }), statuses: [200], body };
}

/** Asks for a version whose body is known, and for the end of the connection. */
export function askLast({ bundled, body }: Known, spelling: Spelling): Message {
  return { ...writeLast(targetOf(bundled, spelling)), statuses: [200], body };
}

const targetOf = (bundled: Bundled, spelling: Spelling): string => formatPath(bundled, spelling) + toQuery(bundled);
