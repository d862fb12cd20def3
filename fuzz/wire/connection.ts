import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** What was received over a connection. */
export interface Received {
  bytes: Buffer;
  /** Whether the connection was closed, was broken, or timed out. */
  end: 'closed' | 'broken' | 'silent';
}

/** How a client ends a connection when everything is sent: it waits for the server to close it, or resets it. */
export type Ending =
  | { kind: 'wait' | 'abort' }
  /** It closes the connection when it has received enough. */
  | { kind: 'close'; isEnough(bytes: Buffer): boolean };

/** How long a server may send nothing, in milliseconds; longer than all delays that are requested. */
const TIMEOUT = 10_000;

/** Sends pieces of bytes, one character a byte, over a new connection to a local port; resolves when it is closed. */
export function converse(port: number, pieces: readonly string[], ending: Ending): Promise<Received> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    let end: Received['end'] = 'closed';
    let isSent = false;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const closeIfEnough = () => {
      if (isSent && ending.kind === 'close' && ending.isEnough(bytes)) socket.end();
    };
    socket.setTimeout(TIMEOUT, () => {
      end = 'silent';
      socket.destroy();
    });
    socket.on('connect', async () => {
      for (const piece of pieces) {
        if (!socket.writable) break;
        socket.write(piece, 'latin1');
        await setImmediate();
      }
      isSent = true;
      if (ending.kind === 'abort') socket.resetAndDestroy();
      closeIfEnough();
    });
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      closeIfEnough();
    });
    socket.on('error', () => {
      end = 'broken';
    });
    socket.on('close', () => resolve({ bytes, end }));
  });
}
