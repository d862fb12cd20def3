import { escapeBytes } from '../failure.js';

/** What is sent as one request, or as what only looks like one; the bytes are one a character. */
export interface Message {
  bytes: string;
  /** The method where it is one request, whole and well-formed, so that one answer is due; undefined for anything else. */
  method: string | undefined;
  /** Whether the server closes the connection behind its answer. */
  isLast?: boolean;
  /** The body that a 200 must bring. */
  body?: string;
  /** The statuses of which the answer must have one; any is right unless they are given. */
  statuses?: readonly number[];
}

/** What one connection sends. */
export interface Conversation {
  messages: readonly Message[];
  /** Where the bytes are cut, to be sent in pieces. */
  cuts: readonly number[];
  /** Whether the client goes away without a look at the answers. */
  isAborted: boolean;
}

/** Returns the requests of a conversation that must each be answered: those in front of what ends it or is no request. */
export function listDue({ messages }: Conversation): Message[] {
  const due: Message[] = [];
  for (const message of messages) {
    if (message.method === undefined) return due;
    due.push(message);
    if (message.isLast) return due;
  }
  return due;
}

/** Returns the methods of requests that are due an answer. */
export const methodsOf = (due: readonly Message[]): string[] => due.map(({ method }) => method as string);

/** Whether all that a conversation sends is due an answer, but for what stands behind its last request. */
export function isExact(conversation: Conversation): boolean {
  const due = listDue(conversation);
  return due.length === conversation.messages.length || due.at(-1)?.isLast === true;
}

/** Cuts what a conversation sends into its pieces. */
export function toPieces({ messages, cuts }: Conversation): string[] {
  const bytes = messages.map((message) => message.bytes).join('');
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.slice(place, places[index])).filter((piece) => piece !== '');
}

/** How much of a piece is shown, in characters. */
const MOST_SHOWN = 2_000;

/** What is repeated so often that it is better counted. */
const REPEATED = /(.{1,8}?)\1{30,}/g;

/** Writes a conversation as people read it: a line for each piece that is sent, its bytes escaped. */
export function showConversation(conversation: Conversation): string {
  const lines = toPieces(conversation).map((piece) => {
    const text = escapeBytes(piece).replaceAll(REPEATED, (all, unit) => `${unit}{${all.length / unit.length}}`);
    const rest = text.length - MOST_SHOWN;
    return rest > 0 ? `${text.slice(0, MOST_SHOWN)} and ${rest} more characters` : text;
  });
  return [...lines, conversation.isAborted ? '(then the client is gone)' : ''].join('\n').trim();
}
