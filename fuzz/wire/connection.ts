import { connect } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** What came back over a connection. */
export interface Received {
  bytes: Buffer;
  /** How the connection ended: closed by the server, broken, or given up as nothing came any more. */
  end: 'closed' | 'broken' | 'silent';
}

/** What a client does once it has sent all: it waits for the server to close, it closes, or it is gone at once. */
export type Ending =
  | { kind: 'wait' | 'abort' }
  /** Closes once the bytes that came back are enough. */
  | { kind: 'close'; isEnough(bytes: Buffer): boolean };

/** How long a server may be silent, in milliseconds; no wait that is sent comes near it. */
const SILENCE = 10_000;

/**
 * Sends pieces of bytes, one a character, over a connection of its own to a port of loopback; resolves with all that came
 * back once the connection is closed.
 */
export function converse(port: number, pieces: readonly string[], ending: Ending): Promise<Received> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    let end: Received['end'] = 'closed';
    let isSent = false;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const closeIfEnough = () => {
      if (isSent && ending.kind === 'close' && ending.isEnough(bytes)) socket.end();
    };
    socket.setTimeout(SILENCE, () => {
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
