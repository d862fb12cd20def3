import { setTimeout } from 'node:timers/promises';
import { type Arbitrary, array, asyncProperty, tuple } from 'fast-check';
import { Finding, withInput } from '../failure.js';
import { tryProperty } from '../property.js';
import type { Service } from '../service.js';
import { converse, type Ending } from './connection.js';
import { reset } from './control.js';
import { type Conversation, listDue, methodsOf, showConversation, toPieces } from './conversation.js';
import { control, traffic } from './conversations.js';
import { listEscapes } from './escapes.js';
import { judge } from './judge.js';
import { askLast, type Known } from './known.js';
import { writeLast } from './request.js';
import { isAnswered } from './response.js';
import { shrinkConversations } from './shrink.js';
import { count, type Tally } from './tally.js';

/** A server that is tried, with what is known of it. */
export interface Subject {
  /** Returns the server; a new one where it has got into trouble. */
  server(): Promise<Service>;
  known: readonly Known[];
  tally: Tally;
}

/** How many inputs are tried from one seed. */
export interface Batch {
  seed: number;
  runs: number;
}

/** How many conversations are held at once. */
const AT_ONCE = 8;

/**
 * Holds random conversations with a server, some at a time. Throws a Failure with the smallest set of them that brings
 * about an answer that is not as it must be, or the end of the process.
 */
export function fuzzTraffic(subject: Subject, batch: Batch): Promise<void> {
  const conversations = array(traffic(subject.known), { minLength: 1, maxLength: AT_ONCE });
  return tryConversations(conversations, batch, async (conversations) => {
    const server = await subject.server();
    await whileAlive(server, () => Promise.all(conversations.map((one) => hold(subject, server, one))));
    await requireService(subject, server);
  });
}

/** Holds random conversations with the admin API of a server, and resets it after each. Throws as `fuzzTraffic` does. */
export function fuzzControl(subject: Subject, batch: Batch): Promise<void> {
  return tryConversations(tuple(control(subject.known)), batch, async ([conversation]) => {
    const server = await subject.server();
    await whileAlive(server, () => hold(subject, server, withoutData(conversation as Conversation)));
    await whileAlive(server, () => hold(subject, server, RESET));
    await requireService(subject, server);
  });
}

/** Tries conversations, and takes away from those that fail whatever is not needed for it. */
function tryConversations(
  conversations: Arbitrary<Conversation[]>,
  batch: Batch,
  attempt: (conversations: Conversation[]) => Promise<void>,
): Promise<void> {
  return tryProperty(asyncProperty(conversations, attempt), {
    ...batch,
    shrink: (input, finding) => shrinkConversations(input, finding, attempt),
    show: (input) => input.map(showConversation).join('\n\nand at once\n\n'),
  });
}

/** What is known is not, once the data may have been changed. */
const withoutData = ({ messages, ...rest }: Conversation): Conversation => ({
  ...rest,
  messages: messages.map(({ body: _, statuses: __, ...message }) => message),
});

const RESET: Conversation = { messages: [reset, writeLast('/readyz')], cuts: [], isAborted: false };

/** Asks for every escape of one byte in every parameter. Throws a Failure for a status that is not the right one. */
export async function sweepEscapes(subject: Subject, seed: number): Promise<void> {
  const server = await subject.server();
  for (const conversation of listEscapes()) {
    const act = () => whileAlive(server, () => hold(subject, server, conversation));
    await withInput(showConversation(conversation), seed, act);
  }
}

/** Holds one conversation and judges what comes back. */
async function hold({ tally }: Subject, { port }: Service, conversation: Conversation): Promise<void> {
  const received = await converse(port, toPieces(conversation), endingOf(conversation));
  if (conversation.isAborted) return count(tally, []);
  const responses = judge(conversation, received);
  count(
    tally,
    responses.map(({ status }) => status),
  );
}

function endingOf(conversation: Conversation): Ending {
  if (conversation.isAborted) return { kind: 'abort' };
  const due = listDue(conversation);
  if (due.at(-1)?.isLast) return { kind: 'wait' };
  return { kind: 'close', isEnough: (bytes) => isAnswered(bytes, methodsOf(due)) };
}

/** Requires that a good request on a connection of its own gets its answer; each of the known ones has its turn. */
async function requireService(subject: Subject, server: Service): Promise<void> {
  const { known, tally } = subject;
  const next = known[tally.connections % known.length] as Known;
  await whileAlive(server, () =>
    hold(subject, server, { messages: [askLast(next, 'published')], cuts: [], isAborted: false }),
  );
  requireHealth(server);
}

/** What went wrong because the process has ended, or is about to, is told as that. */
async function whileAlive<Result>(server: Service, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    await setTimeout(NEWS);
    requireHealth(server);
    throw error;
  }
}

/** How long the news of an end may take, in milliseconds. */
const NEWS = 200;

/** Throws a Finding where a process has ended, or has written to its log, which is of errors only. */
function requireHealth(server: Service): void {
  const trouble = server.trouble();
  if (trouble !== undefined) throw new Finding('a process that lives, and logs no error', trouble);
}
