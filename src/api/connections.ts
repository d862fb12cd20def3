import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/** Node keeps the answer in progress on the socket. The connection of an explained request has no timeout. */
type ServerSocket = Duplex & { _httpMessage?: ServerResponse | null; setTimeout?(milliseconds: number): unknown };

/** Node calls `_onPendingData` for the bytes that wait in a response, and stops reading when they are too many. */
type QueuedResponse = ServerResponse & { _closed: boolean; _onPendingData(bytes: number): void };

/** Past this many unanswered requests, the server stops reading from their connection. */
export const MAX_UNANSWERED = 100;

/**
 * How long a connection that is not read, or that is about to be closed, may be silent before it is destroyed, in
 * milliseconds. Only reading would show that its client is gone.
 */
export const MAX_SILENCE = 5_000;

/**
 * Frees the resources of a connection's requests when it closes, and limits how many are unanswered. Node before 26
 * closes only the response that is being sent, and not those queued behind it.
 */
export function watchConnections(server: Server): void {
  const queues = new WeakMap<ServerSocket, Set<QueuedResponse>>();
  // Added after the app's own listener: a request that is answered at once costs nothing here.
  server.on('request', ({ socket }: IncomingMessage, response: QueuedResponse) => {
    if (response.socket !== null || response.writableEnded) return;
    const queue = queues.get(socket) ?? watchQueue(socket);
    queues.set(socket, queue.add(response));
    // Node counts it as bytes that wait, and resumes by itself.
    const share = Math.ceil(socket.writableHighWaterMark / MAX_UNANSWERED);
    response._onPendingData(share);
    response.once('close', () => {
      queue.delete(response);
      response._onPendingData(-share);
    });
  });
  server.on('connect', (_request, socket) => closeTunnel(socket));
}

/** Creates the queue of a connection, whose responses are closed with it. */
function watchQueue(socket: ServerSocket): Set<QueuedResponse> {
  const queue = new Set<QueuedResponse>();
  // Node sets another timeout once the connection is idle.
  socket.on('pause', () => socket.setTimeout?.(MAX_SILENCE));
  socket.once('close', () => {
    for (const response of queue) {
      response.destroyed = true;
      response._closed = true;
      response.emit('close');
    }
  });
  return queue;
}

/** Closes the connection of a CONNECT after the answers before it. Node has removed its own listeners from the socket. */
function closeTunnel(socket: ServerSocket): void {
  socket.on('drain', () => socket._httpMessage?.emit('drain'));
  socket.on('timeout', () => socket.destroy());
  socket.on('error', () => {});
  socket.resume();
  afterAnswers(socket, () => socket.end());
}

/**
 * Calls back once all requests of a connection are answered. A broken one, with invalid bytes or no
 * further requests, is destroyed when it is silent.
 */
export function afterAnswers(socket: ServerSocket, done: () => void, isBroken = true): void {
  if (isBroken) socket.setTimeout?.(MAX_SILENCE);
  const answer = socket._httpMessage;
  // If the rest of the body is invalid or late, its response is never sent.
  if (!answer || (isBroken && !answer.headersSent && !answer.req.complete)) done();
  else answer.once('close', () => setImmediate(afterAnswers, socket, done, isBroken));
}

/** A drain looks for activity once in this time, in milliseconds. */
const DRAIN_STEP = 20;

/** It ends after so many steps without activity, or after one if there are no connections. */
const QUIET_STEPS = 10;

/** The part of the time of a close that it takes at most. */
const DRAIN_SHARE = 0.7;

/** Tracks the connections of a server, to end them without losing a request. */
export function trackConnections(server: Server) {
  const sockets = new Set<Socket>();
  let isQuiet = false;
  const onActivity = () => {
    isQuiet = false;
  };
  const track = (socket: Socket & { _parent?: Socket }) => {
    onActivity();
    // Until then, a connection of TLS is tracked as its TCP socket, whose handshake may never end.
    if (socket._parent !== undefined) sockets.delete(socket._parent);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  };
  server.on('request', onActivity).on('connection', track).on('secureConnection', track);
  return {
    /**
     * Waits for the requests that clients sent before they learned that the server closes, also on connections that are
     * not accepted yet: Node accepts one at a time. It destroys idle ones at once, and loses a request that is on its
     * way. Fastify meanwhile answers with `Connection: close`.
     *
     * @param timeout of the whole close, in milliseconds
     */
    async drain(timeout: number): Promise<void> {
      const end = performance.now() + timeout * DRAIN_SHARE;
      for (let quiet = 0; quiet < QUIET_STEPS && performance.now() < end; ) {
        isQuiet = true;
        await sleep(DRAIN_STEP);
        // Timers come first in a turn: what came during a pause of this process is read after them.
        await turn();
        const steps = sockets.size === 0 ? QUIET_STEPS : quiet + 1;
        quiet = isQuiet ? steps : 0;
      }
    },
    /**
     * Ends idle connections at once, and others after their answer. Node would keep a connection that never had a
     * request, or whose answer comes late.
     */
    end(): void {
      for (const socket of sockets) afterAnswers(socket, () => socket.destroySoon(), false);
    },
  };
}
