import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { holdOf } from '../faults/inject.js';

/** Node keeps the answer in progress on the socket. */
type ServerSocket = Duplex & { _httpMessage?: ServerResponse | null };

/** Node calls `_onPendingData` for the bytes that wait in a response, and stops reading when they are too many. */
type QueuedResponse = ServerResponse & { _closed: boolean; _onPendingData(bytes: number): void };

/** Past this many unanswered requests, the server stops reading from their connection. */
export const MAX_UNANSWERED = 100;

/** How often a connection that is not read is checked for its end, in milliseconds. */
const CHECK_INTERVAL = 1_000;

/**
 * Frees what the requests of a connection hold when it ends, and bounds how many of them wait. Node before 26 closes only
 * the response that is being sent; those queued behind it never learn that the connection has ended.
 */
export function watchConnections(server: Server): void {
  const queues = new WeakMap<Duplex, Set<QueuedResponse>>();
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
  const timer = setInterval(() => checkEnd(socket), CHECK_INTERVAL).unref();
  socket.once('close', () => {
    clearInterval(timer);
    for (const response of queue) {
      response.destroyed = true;
      response._closed = true;
      response.emit('close');
    }
  });
  return queue;
}

/** A connection that is not read learns of its end only by writing: an interim answer (102), which clients ignore. */
function checkEnd(socket: ServerSocket): void {
  const { _httpMessage: answer } = socket;
  if (socket.isPaused() && answer && !answer.headersSent) answer.writeProcessing();
}

/** Closes the connection of a CONNECT after the answers before it. Node has removed its own listeners from the socket. */
function closeTunnel(socket: ServerSocket): void {
  const close = () => afterAnswers(socket, () => socket.end(() => socket.destroy()));
  socket.on('drain', () => socket._httpMessage?.emit('drain'));
  socket.on('error', () => {});
  socket.once('end', close);
  socket.resume();
  close();
}

/** Calls back once all requests of a connection are answered; closes it instead if they never will be. */
export function afterAnswers(socket: ServerSocket, done: () => void): void {
  const answer = socket._httpMessage;
  const hold = answer && !answer.headersSent ? holdOf(answer) : undefined;
  // If the rest of the body is invalid or late, its response is never sent.
  if (!answer || (!answer.headersSent && !answer.req.complete)) done();
  else if (hold === 'stall' || (hold === 'wait' && socket.readableEnded)) socket.destroy();
  else answer.once('close', () => setImmediate(afterAnswers, socket, done));
}
