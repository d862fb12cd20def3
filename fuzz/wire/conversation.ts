import { escapeBytes } from '../failure.js';

/** Bytes that are sent as one request, or that only resemble one; one character a byte. */
export interface Message {
  bytes: string;
  /** The method of a well-formed request, which gets exactly one answer; undefined for anything else. */
  method: string | undefined;
  /** Whether the server closes the connection after it; without a method, it closes without an answer. */
  isLast?: boolean;
  /** The expected body. */
  body?: string;
  /** The expected statuses; any unless given. */
  statuses?: readonly number[];
}

/** The messages of one connection. */
export interface Conversation {
  messages: readonly Message[];
  /** The offsets at which the bytes are cut into pieces. */
  cuts: readonly number[];
  /** Whether the client resets the connection without waiting for answers. */
  isAborted: boolean;
}

/** The first message after which the number of answers is unknown, or there are none. */
const findEnd = ({ messages }: Conversation): Message | undefined =>
  messages.find(({ method, isLast }) => method === undefined || isLast);

/** Lists the requests that must be answered. */
export function listDue(conversation: Conversation): Message[] {
  const { messages } = conversation;
  const end = findEnd(conversation);
  if (end === undefined) return [...messages];
  return messages.slice(0, messages.indexOf(end) + (end.method === undefined ? 0 : 1));
}

export const methodsOf = (due: readonly Message[]): string[] => due.map(({ method }) => method as string);

/** Whether the number of answers is known. */
export function isExact(conversation: Conversation): boolean {
  const end = findEnd(conversation);
  return end === undefined || end.isLast === true;
}

/** Whether the server closes the connection by itself. */
export const isClosedByServer = (conversation: Conversation): boolean => findEnd(conversation)?.isLast === true;

/** Whether the server may close the connection without an answer, which discards answers in progress. */
export function mayBeDropped(conversation: Conversation): boolean {
  const { messages } = conversation;
  const end = findEnd(conversation);
  if (end === undefined || end.method !== undefined) return false;
  return messages.slice(messages.indexOf(end)).some(({ method, isLast }) => method === undefined && isLast);
}

/** Returns the pieces of bytes that a conversation sends. */
export function toPieces({ messages, cuts }: Conversation): string[] {
  const bytes = messages.map((message) => message.bytes).join('');
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.slice(place, places[index])).filter((piece) => piece !== '');
}

/** How much of a piece is shown, in characters. */
const MAX_SHOWN = 2_000;

/** A unit that is shown with its number of repetitions. */
const REPEATED = /(.{1,8}?)\1{30,}/g;

/** Formats a conversation: a line per piece, its bytes escaped. */
export function showConversation(conversation: Conversation): string {
  const lines = toPieces(conversation).map((piece) => {
    const text = escapeBytes(piece).replaceAll(REPEATED, (all, unit) => `${unit}{${all.length / unit.length}}`);
    const rest = text.length - MAX_SHOWN;
    return rest > 0 ? `${text.slice(0, MAX_SHOWN)} and ${rest} more characters` : text;
  });
  return [...lines, conversation.isAborted ? '(then the client resets the connection)' : ''].join('\n').trim();
}
