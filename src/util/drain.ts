import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** A drain ends after this long without a request, in milliseconds. */
const QUIET_TIME = 100;

/** The longest drain, in milliseconds. */
const MAX_TIME = 700;

/** Node keeps the answer in progress on the socket. */
type ServerSocket = Socket & { _httpMessage?: ServerResponse | null };

/** Tracks the connections of a server, to end them without losing a request. */
export function trackConnections(server: Server) {
  const sockets = new Set<ServerSocket>();
  let isQuiet = false;
  const onActivity = () => {
    isQuiet = false;
  };
  server.on('request', onActivity).on('connection', (socket) => {
    onActivity();
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return {
    /**
     * Waits for the requests that clients sent before they learned that the server closes. Node destroys idle
     * connections at once, and loses a request that is on its way. Fastify meanwhile answers with `Connection: close`.
     */
    async drain(): Promise<void> {
      const end = performance.now() + MAX_TIME;
      for (isQuiet = false; sockets.size > 0 && !isQuiet && performance.now() < end; ) {
        isQuiet = true;
        await sleep(QUIET_TIME);
      }
    },
    /** Ends idle connections at once, and others after their answer. */
    end(): void {
      for (const socket of sockets) endAfterAnswer(socket);
    },
  };
}

/** Node would keep a connection that never had a request, or whose answer comes late. */
function endAfterAnswer(socket: ServerSocket): void {
  const { _httpMessage: answer } = socket;
  if (!answer) socket.destroySoon();
  else answer.once('close', () => setImmediate(endAfterAnswer, socket));
}
