import { connect, type Socket } from 'node:net';
import { KEY } from '../../helper.js';

/** A request that is repeated, and the bodies that its answers may have. */
export interface Asked {
  target: string;
  bodies: ReadonlySet<string>;
}

/** The results of a load. */
export interface Outcome {
  answered: number;
  /** Answers with a status other than 200, or with an unexpected body. */
  wrong: string[];
  /** Requests that were sent and got no complete answer. */
  lost: number;
}

/** Clients that send requests as fast as a server answers. */
export interface Load {
  outcome: Outcome;
  /** Waits for the answers of all clients, and stops them. */
  stop(): Promise<Outcome>;
  /** Resolves once every client has closed or lost its connection. */
  ended: Promise<Outcome>;
}

/** Starts clients, each with one connection, on which it sends a request as soon as it has the previous answer. */
export function startLoad(port: number, connections: number, asked: readonly Asked[]): Load {
  const outcome: Outcome = { answered: 0, wrong: [], lost: 0 };
  let isOver = false;
  const clients = Array.from({ length: connections }, (_, index) =>
    runClient(port, asked[index % asked.length] as Asked, outcome, () => isOver),
  );
  const ended = Promise.all(clients).then(() => outcome);
  return {
    outcome,
    ended,
    stop() {
      isOver = true;
      return ended;
    },
  };
}

/** Runs one client; resolves once its connection is closed. */
function runClient(port: number, { target, bodies }: Asked, outcome: Outcome, isOver: () => boolean): Promise<void> {
  const request = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${KEY}\r\n\r\n`;
  const socket: Socket = connect(port, '127.0.0.1');
  let received = '';
  let isWaiting = false;
  const send = () => {
    isWaiting = true;
    socket.write(request);
  };
  socket.setEncoding('utf8').on('connect', send);
  socket.on('data', (text: string) => {
    received += text;
    const answer = readAnswer(received);
    if (answer === undefined) return;
    received = '';
    isWaiting = false;
    outcome.answered += 1;
    if (answer.status !== 200 || !bodies.has(answer.body)) outcome.wrong.push(`${answer.status} ${answer.body}`);
    if (isOver() || answer.isLast) socket.end();
    else send();
  });
  socket.on('error', () => {});
  return new Promise((resolve) =>
    socket.on('close', () => {
      if (isWaiting) outcome.lost += 1;
      resolve();
    }),
  );
}

/** Reads an answer in ASCII once it is complete. */
function readAnswer(received: string): { status: number; body: string; isLast: boolean } | undefined {
  const end = received.indexOf('\r\n\r\n');
  const head = received.slice(0, end);
  const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
  const body = received.slice(end + 4);
  if (end === -1 || body.length < length) return undefined;
  return { status: Number(head.slice(9, 12)), body, isLast: /^connection: close/im.test(head) };
}
