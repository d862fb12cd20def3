import { type Finding, findingOf } from '../failure.js';
import type { Conversation } from './conversation.js';

/** Lists parallel conversations without one of them, without one of their messages, or without cuts. */
function* listSmaller(conversations: readonly Conversation[]): Generator<Conversation[]> {
  for (const [at, { messages, cuts, ...rest }] of conversations.entries()) {
    if (conversations.length > 1) yield conversations.toSpliced(at, 1);
    const put = (smaller: Conversation) => conversations.toSpliced(at, 1, smaller);
    for (const index of messages.keys()) {
      if (messages.length > 1) yield put({ messages: messages.toSpliced(index, 1), cuts, ...rest });
    }
    if (cuts.length > 0) yield put({ messages, cuts: [], ...rest });
  }
}

/**
 * Removes from failing conversations what they do not need to fail; the arrays of fast-check leave much in.
 *
 * @param attempt runs conversations; throws a Finding if they fail
 */
export async function shrinkConversations(
  input: Conversation[],
  finding: Finding,
  attempt: (conversations: Conversation[]) => Promise<void>,
): Promise<{ input: Conversation[]; finding: Finding }> {
  for (const smaller of listSmaller(input)) {
    const found = await findingOf(attempt(smaller));
    if (found !== undefined) return shrinkConversations(smaller, found, attempt);
  }
  return { input, finding };
}
