import { type Finding, findingOf } from '../failure.js';
import type { Conversation } from './conversation.js';

/** Lists what is left of conversations that are held at once without one of them, one of their messages, or their cuts. */
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
 * Takes away from conversations that fail whatever is not needed for it, which the arrays of fast-check leave in. Takes what
 * was found, and what tries them and throws a Finding; returns what is left, with what was found last.
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
