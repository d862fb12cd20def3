import { type Arbitrary, array, constantFrom, nat, oneof, record, tuple } from 'fast-check';
import { SPELLINGS, type Spelling } from '../../src/api/spelling.js';
import { adminRequest } from './admin.js';
import { type Conversation, isExact, type Message } from './conversation.js';
import { type Known, writeKnown, writeKnownLast } from './known.js';
import { message } from './messages.js';

const spelling = constantFrom(...(Object.keys(SPELLINGS) as Spelling[]));

/** Conversations about what is served, some of them with known calls. */
export function traffic(known: readonly Known[]): Arbitrary<Conversation> {
  const good = tuple(constantFrom(...known), spelling).map(([one, spelling]) => writeKnown(one, spelling));
  const some = oneof({ weight: 3, arbitrary: message }, { weight: 1, arbitrary: good });
  const isAborted = constantFrom(...Array<boolean>(15).fill(false), true);
  return conversation(known, array(some, { minLength: 1, maxLength: 6 }), isAborted);
}

/** Conversations with the admin API. */
export function adminTraffic(known: readonly Known[]): Arbitrary<Conversation> {
  return conversation(known, array(adminRequest, { minLength: 1, maxLength: 4 }), constantFrom(false));
}

/** Ends every conversation whose number of answers is known with a known call. */
function conversation(
  known: readonly Known[],
  messages: Arbitrary<Message[]>,
  isAborted: Arbitrary<boolean>,
): Arbitrary<Conversation> {
  const last = tuple(constantFrom(...known), spelling).map(([one, spelling]) => writeKnownLast(one, spelling));
  const cuts = array(nat({ max: 100_000 }), { maxLength: 4 });
  return record({ messages, last, cuts, isAborted }).map(({ messages, last, ...rest }) => {
    const open = { messages: withoutLateHead(messages), ...rest };
    return isExact(open) ? { ...open, messages: [...messages, last] } : open;
  });
}

/** After a broken request the answers cannot be assigned, and an answer to HEAD is read differently. */
function withoutLateHead(messages: Message[]): Message[] {
  const broken = messages.findIndex(({ method }) => method === undefined);
  return messages.filter(({ method }, index) => broken === -1 || index < broken || method !== 'HEAD');
}
