import { setTimeout } from 'node:timers/promises';
import { type Arbitrary, array, asyncProperty, tuple } from 'fast-check';
import { Finding, withInput } from '../failure.js';
import { type Batch, checkProperty } from '../property.js';
import type { Service } from '../service.js';
import { reset } from './admin.js';
import { converse, type Ending } from './connection.js';
import { type Conversation, isClosedByServer, listDue, methodsOf, showConversation, toPieces } from './conversation.js';
import { adminTraffic, traffic } from './conversations.js';
import { listEscapes } from './escapes.js';
import { judge } from './judge.js';
import { type Known, writeKnownLast } from './known.js';
import { writeLast } from './request.js';
import { isAnswered } from './response.js';
import { shrinkConversations } from './shrink.js';
import { count, createTally, type Tally } from './tally.js';

/** A server under test. */
export interface Subject {
  /** Returns the server; a new one if it has ended or printed an error. */
  server(): Promise<Service>;
  known: readonly Known[];
  tally: Tally;
  stop(): Promise<void>;
}

/** Starts a server and learns known answers from it. */
export async function createSubject(
  start: () => Promise<Service>,
  learn: (server: Service) => Promise<readonly Known[]>,
): Promise<Subject> {
  let server = await start();
  const stop = () => server.stop();
  const revive = async () => {
    if (server.trouble() !== undefined) {
      await stop();
      server = await start();
    }
    return server;
  };
  try {
    return { server: revive, known: await learn(server), tally: createTally(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const MAX_PARALLEL = 8;

/**
 * Runs random conversations, some in parallel. Throws a Failure with the smallest set of them that gets a wrong answer or
 * ends the process.
 */
export function fuzzTraffic(subject: Subject, batch: Batch): Promise<void> {
  const conversations = array(traffic(subject.known), { minLength: 1, maxLength: MAX_PARALLEL });
  return checkConversations(conversations, batch, async (conversations) => {
    const server = await subject.server();
    await whileAlive(server, () => Promise.all(conversations.map((one) => run(subject, server, one))));
    await requireService(subject, server);
  });
}

/** Runs random conversations with the admin API, with a reset after each. Throws as `fuzzTraffic` does. */
export function fuzzAdmin(subject: Subject, batch: Batch): Promise<void> {
  return checkConversations(tuple(adminTraffic(subject.known)), batch, async ([conversation]) => {
    const server = await subject.server();
    await whileAlive(server, () => run(subject, server, withoutExpectations(conversation as Conversation)));
    await whileAlive(server, () => run(subject, server, RESET));
    await requireService(subject, server);
  });
}

function checkConversations(
  conversations: Arbitrary<Conversation[]>,
  batch: Batch,
  attempt: (conversations: Conversation[]) => Promise<void>,
): Promise<void> {
  return checkProperty(asyncProperty(conversations, attempt), {
    ...batch,
    shrink: (input, finding) => shrinkConversations(input, finding, attempt),
    show: (input) => input.map(showConversation).join('\n\nin parallel\n\n'),
  });
}

/** An admin request before a known call may have changed its data. */
const withoutExpectations = ({ messages, ...rest }: Conversation): Conversation => ({
  ...rest,
  messages: messages.map(({ body: _, statuses: __, ...message }) => message),
});

const RESET: Conversation = { messages: [reset, writeLast('/readyz')], cuts: [], isAborted: false };

/** Sends every escape of one byte in every parameter. Throws a Failure for a wrong status. */
export async function sweepEscapes(subject: Subject, seed: number): Promise<void> {
  const server = await subject.server();
  for (const conversation of listEscapes()) {
    const act = () => whileAlive(server, () => run(subject, server, conversation));
    await withInput(showConversation(conversation), seed, act);
  }
}

/** Runs one conversation and checks its answers. */
async function run({ tally }: Subject, { port }: Service, conversation: Conversation): Promise<void> {
  const received = await converse(port, toPieces(conversation), endingOf(conversation));
  const responses = conversation.isAborted ? [] : judge(conversation, received);
  count(
    tally,
    responses.map(({ status }) => status),
  );
}

function endingOf(conversation: Conversation): Ending {
  if (conversation.isAborted) return { kind: 'abort' };
  if (isClosedByServer(conversation)) return { kind: 'wait' };
  const methods = methodsOf(listDue(conversation));
  return { kind: 'close', isEnough: (bytes) => isAnswered(bytes, methods) };
}

/** Requires that a known call on a new connection gets its answer; the known calls take turns. */
async function requireService(subject: Subject, server: Service): Promise<void> {
  const { known, tally } = subject;
  const next = known[tally.connections % known.length] as Known;
  const conversation = { messages: [writeKnownLast(next, 'published')], cuts: [], isAborted: false };
  await whileAlive(server, () => run(subject, server, conversation));
  requireHealth(server);
}

/** How long it may take to learn that a process has ended, in milliseconds. */
const EXIT_DELAY = 200;

/** Runs a function; if it fails because the process has ended, the Finding says so. */
async function whileAlive<Result>(server: Service, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    await setTimeout(EXIT_DELAY);
    requireHealth(server);
    throw error;
  }
}

/** Throws a Finding if a process has ended or has logged an error. */
function requireHealth(server: Service): void {
  const trouble = server.trouble();
  if (trouble !== undefined) throw new Finding('a process that runs and logs no error', trouble);
}
