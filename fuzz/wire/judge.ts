import { Finding } from '../failure.js';
import type { Received } from './connection.js';
import { type Conversation, isExact, listDue, type Message, methodsOf } from './conversation.js';
import { requireEnvelope } from './envelope.js';
import { type Response, readResponses } from './response.js';

/** The statuses behind which a server closes, as it does not read the body on (source: Fastify). */
const REFUSED_BODIES = [413, 415];

/**
 * Judges what came back to a conversation; returns the answers. Throws a Finding where they are not HTTP, not the
 * contract's, too few or too many, or not those that the requests in turn must get.
 */
export function judge(conversation: Conversation, { bytes, end }: Received): Response[] {
  const due = listDue(conversation);
  // Who closes while more comes in resets the connection, and a reset takes what the other end has not read yet.
  const isReset = end === 'broken' && due.length < conversation.messages.length;
  const responses = readAll(bytes, methodsOf(due), isReset);
  if (end === 'silent') throw new Finding('an answer, or an end of the connection', 'nothing for ten seconds');
  const isOver = isExact(conversation) && responses.length > due.length;
  const isRefused = REFUSED_BODIES.includes(responses.at(-1)?.status ?? 0);
  if ((responses.length < due.length && !isRefused && !isReset) || isOver) {
    const statuses = responses.map(({ status }) => status).join(', ') || 'none';
    const found = `${responses.length} (${statuses}), and the connection ${end}`;
    throw new Finding(`${due.length} answers${isExact(conversation) ? '' : ' or more'}`, found);
  }
  for (const [index, response] of responses.entries()) judgeResponse(response, due[index]);
  return responses;
}

/** Reads the answers up to where a reset has cut them off. */
function readAll(bytes: Buffer, methods: readonly string[], isReset: boolean): Response[] {
  const responses: Response[] = [];
  try {
    for (const response of readResponses(bytes, methods)) responses.push(response);
  } catch (error) {
    if (!isReset) throw error;
  }
  return responses;
}

function judgeResponse(response: Response, message: Message | undefined): void {
  const { status, body } = response;
  if (status >= 400) requireEnvelope(response, message?.method ?? 'GET');
  if (message?.statuses !== undefined && !message.statuses.includes(status)) {
    throw new Finding(`a ${message.statuses.join(' or ')}`, `a ${status}: ${body}`);
  }
  if (message?.body !== undefined && body.toString() !== message.body) {
    throw new Finding(`the body ${message.body}`, body.toString());
  }
}
