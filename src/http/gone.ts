import type { FastifyReply } from 'fastify';

/** Returns a signal that is aborted once nobody waits for an answer any more: it was sent, or its connection is gone. */
export function signalGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}
