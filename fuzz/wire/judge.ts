import { isEnvelope, parseJson } from '../contract.js';
import { Finding } from '../failure.js';
import type { Received } from './connection.js';
import { type Conversation, isExact, listDue, type Message, mayBeDropped, methodsOf } from './conversation.js';
import { type Response, readResponses } from './response.js';

/** After these the server closes the connection, because it does not read the rest of the body (source: Fastify). */
const REFUSED_BODIES = [413, 415];

/**
 * Checks what a conversation received; returns the answers. Throws a Finding if they are not HTTP, do not match the
 * contract, are too few or too many, or are not those that the requests expect.
 */
export function judge(conversation: Conversation, { bytes, end }: Received): Response[] {
  const due = listDue(conversation);
  // A close while data arrives resets the connection, and a reset discards what the client has not read yet.
  const isReset = end === 'broken' && due.length < conversation.messages.length;
  const mayLackAnswers = isReset || mayBeDropped(conversation);
  const responses = readAll(bytes, methodsOf(due), mayLackAnswers);
  if (end === 'silent') throw new Finding('an answer, or the end of the connection', 'nothing for ten seconds');
  const isOver = isExact(conversation) && responses.length > due.length;
  const isRefused = REFUSED_BODIES.includes(responses.at(-1)?.status ?? 0);
  if ((responses.length < due.length && !isRefused && !mayLackAnswers) || isOver) {
    const statuses = responses.map(({ status }) => status).join(', ') || 'none';
    const found = `${responses.length} (${statuses}), and the connection ${end}`;
    throw new Finding(`${due.length} answers${isExact(conversation) ? '' : ' or more'}`, found);
  }
  for (const [index, response] of responses.entries()) judgeResponse(response, due[index]);
  return responses;
}

/** Reads all answers; if the connection may be cut, those before the cut. */
function readAll(bytes: Buffer, methods: readonly string[], mayBeCut: boolean): Response[] {
  const responses: Response[] = [];
  try {
    for (const response of readResponses(bytes, methods)) responses.push(response);
  } catch (error) {
    if (!mayBeCut) throw error;
  }
  return responses;
}

/** @param message the request; undefined if the answer may be that of something else */
function judgeResponse(response: Response, message: Message | undefined): void {
  const { status, headers, body } = response;
  const type = headers.get('content-type')?.join(', ') ?? 'no content-type';
  if ((status >= 400 || type.includes('json')) && type !== 'application/json') {
    throw new Finding(`a ${status} of the type application/json`, type);
  }
  if (status >= 400) requireEnvelope(response, message?.method);
  requireRequestId(response, message);
  if (headers.has('retry-after') && !/retry-?after/i.test(message?.bytes ?? 'retry-after')) {
    throw new Finding('no Retry-After unless requested', `Retry-After: ${headers.get('retry-after')}`);
  }
  if (message?.statuses !== undefined && !message.statuses.includes(status)) {
    throw new Finding(`a ${message.statuses.join(' or ')}`, `a ${status}: ${body}`);
  }
  if (message?.body !== undefined && body.toString() !== message.body) {
    throw new Finding(`the body ${message.body}`, body.toString());
  }
}

/** The statuses of errors that the server never means: unforeseen, and an unknown Expect, which it ignores. */
const UNEXPECTED = [417, 500];

function requireEnvelope({ status, body }: Response, method: string | undefined): void {
  const text = body.toString();
  if (method !== 'HEAD' && !isEnvelope(parseJson(text), status)) throw new Finding(`the envelope of a ${status}`, text);
  if (UNEXPECTED.includes(status)) throw new Finding(`no ${status}`, text);
}

/** An id is visible ASCII. */
const REQUEST_ID = /^[!-~]{1,128}$/;

/** Throws a Finding unless an answer has one id: the client's if it is valid, or another. */
function requireRequestId({ headers, status }: Response, message: Message | undefined): void {
  const found = headers.get('x-request-id')?.join(', ') ?? '';
  const head = message?.bytes.split('\r\n\r\n', 1)[0] ?? '';
  const given = [...head.matchAll(/^x-request-id:[ \t]*(.*?)[ \t]*$/gim)].map(([, value]) => value as string);
  const isKept = given.length === 1 && REQUEST_ID.test(given[0] as string);
  const isRight = isKept ? found === given[0] : REQUEST_ID.test(found) && !given.includes(found);
  if (!isRight)
    throw new Finding(`the x-request-id ${isKept ? given[0] : 'of the server'} on a ${status}`, found || 'none');
}
