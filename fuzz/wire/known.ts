import { formatPath, type Spelling } from '../../src/api/spelling.js';
import { type CallParameters, formatQuery, listBundled } from '../bundled.js';
import { isDetails, parseJson } from '../contract.js';
import { Finding } from '../failure.js';
import type { Service } from '../service.js';
import { converse } from './connection.js';
import type { Message } from './conversation.js';
import { writeLast, writeRequest } from './request.js';
import { readResponses } from './response.js';

/** A call whose answer is known. */
export interface Known {
  call: CallParameters;
  body: string;
}

/** Makes all bundled calls to a server. Throws a Finding for a body that does not match the contract. */
export async function learnBodies({ port }: Service): Promise<Known[]> {
  const known: Known[] = [];
  for (const call of listBundled()) {
    const { bytes } = await converse(port, [writeLast(targetOf(call, 'encoded')).bytes], { kind: 'wait' });
    const [response] = readResponses(bytes, ['GET']);
    const body = String(response?.body);
    requireDetails(call, body);
    known.push({ call, body });
  }
  return known;
}

function requireDetails({ artifact, version, childVersion = version }: CallParameters, text: string): void {
  const body = parseJson(text);
  const isRight = isDetails(body) && body.data.name === artifact && body.data.version === childVersion;
  if (!isRight) throw new Finding(`the details of ${artifact} ${childVersion}`, text);
}

/** Formats a known call. */
export function writeKnown({ call, body }: Known, spelling: Spelling): Message {
  return { ...writeRequest({ target: targetOf(call, spelling) }), statuses: [200], body };
}

/** Formats a known call that ends the connection. */
export function writeKnownLast({ call, body }: Known, spelling: Spelling): Message {
  return { ...writeLast(targetOf(call, spelling)), statuses: [200], body };
}

const targetOf = (call: CallParameters, spelling: Spelling): string => formatPath(call, spelling) + formatQuery(call);
