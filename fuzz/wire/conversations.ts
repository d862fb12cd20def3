import { type Arbitrary, array, constantFrom, nat, oneof, record, tuple } from 'fast-check';
import { type Spelling, spellings } from '../../src/wire/path.js';
import { controlRequest } from './control.js';
import { type Conversation, isExact, type Message } from './conversation.js';
import { askKnown, askLast, type Known } from './known.js';
import { message } from './messages.js';

const spelling = constantFrom(...(Object.keys(spellings) as Spelling[]));

/** Conversations about what is served, with what is known among all else. */
export function traffic(known: readonly Known[]): Arbitrary<Conversation> {
  const good = tuple(constantFrom(...known), spelling).map(([one, spelling]) => askKnown(one, spelling));
  const some = oneof({ weight: 3, arbitrary: message }, { weight: 1, arbitrary: good });
  const isAborted = constantFrom(...Array<boolean>(15).fill(false), true);
  return conversation(known, array(some, { minLength: 1, maxLength: 6 }), isAborted);
}

/** Conversations with the admin API. */
export function control(known: readonly Known[]): Arbitrary<Conversation> {
  return conversation(known, array(controlRequest, { minLength: 1, maxLength: 4 }), constantFrom(false));
}

/** Ends conversations by a request that is known and last, unless they come to no end that can be told. */
function conversation(
  known: readonly Known[],
  messages: Arbitrary<Message[]>,
  isAborted: Arbitrary<boolean>,
): Arbitrary<Conversation> {
  const last = tuple(constantFrom(...known), spelling).map(([one, spelling]) => askLast(one, spelling));
  const cuts = array(nat({ max: 100_000 }), { maxLength: 4 });
  return record({ messages, last, cuts, isAborted }).map(({ messages, last, ...rest }) => {
    const open = { messages: withoutLateHead(messages), ...rest };
    return isExact(open) ? { ...open, messages: [...messages, last] } : open;
  });
}

/** Behind what is no request nobody can tell which answers come, and an answer to HEAD reads otherwise than any other. */
function withoutLateHead(messages: Message[]): Message[] {
  const broken = messages.findIndex(({ method }) => method === undefined);
  return messages.filter(({ method }, index) => broken === -1 || index < broken || method !== 'HEAD');
}
