import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { array, asyncProperty, constantFrom, nat, record } from 'fast-check';
import { formatPath } from '../../src/api/spelling.js';
import { Finding } from '../failure.js';
import { type Batch, checkProperty } from '../property.js';
import { showConversation } from './conversation.js';
import type { Subject } from './fuzz.js';
import { writeRequest } from './request.js';

const PATH = formatPath({ ref: 'acme/platform/web/images', artifact: 'library/nginx', version: '1.25.3' }, 'published');

/** Requests that hold something: a file, a wait, a timer, or the connection. */
const HELD = [
  writeRequest({ target: '/docs/static/swagger-ui-bundle.js' }),
  writeRequest({ target: '/__admin/journal/wait?count=10000&timeout=600000' }),
  writeRequest({ target: PATH, lines: ['Prefer: delay=600000'] }),
  writeRequest({ target: PATH, lines: ['Prefer: fault=stall'] }),
  writeRequest({ target: PATH }),
];

/** What may follow them. */
const TAILS = [
  '',
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /x HTTP/1.1\r\nHo',
  '\0',
  'GET /\xff HTTP/1.1\r\n\r\n',
];

/** A pipeline that its client abandons by RST or FIN. */
const abandoned = record({
  messages: array(constantFrom(...HELD), { minLength: 1, maxLength: 12 }),
  times: constantFrom(1, 1, 1, 20),
  tail: constantFrom(...TAILS),
  ending: constantFrom('reset', 'close', 'half-close'),
  delay: nat({ max: 20 }),
});

/** How long a server may take to free what abandoned pipelines hold, in milliseconds. */
const MAX_DELAY = 20_000;

/** Runs pipelines that are abandoned, in parallel. Throws a Failure if the server keeps descriptors of them. */
export function fuzzAbandoned(subject: Subject, batch: Batch): Promise<void> {
  const pipelines = array(abandoned, { minLength: 1, maxLength: 8 });
  const property = asyncProperty(pipelines, async (pipelines) => {
    const server = await subject.server();
    const before = server.countDescriptors();
    await Promise.all(
      pipelines.map(({ messages, times, tail, ending, delay }) => {
        const bytes = messages.map(({ bytes }) => bytes).join('');
        return abandon(server.port, bytes.repeat(times) + tail, ending, delay);
      }),
    );
    const end = performance.now() + MAX_DELAY;
    while (server.countDescriptors() > before) {
      if (performance.now() > end) {
        throw new Finding(`${before} descriptors, as before`, `${server.countDescriptors()} descriptors`);
      }
      await setTimeout(20);
    }
    const trouble = server.trouble();
    if (trouble !== undefined) throw new Finding('a process that runs and logs no error', trouble);
  });
  return checkProperty(property, {
    ...batch,
    show: (input) =>
      input
        .map(({ messages, times, tail, ending }) => {
          const all = [...messages, { bytes: tail, method: undefined }];
          return `${showConversation({ messages: all, cuts: [], isAborted: false })}\n(${times} times, then ${ending})`;
        })
        .join('\n\nin parallel\n\n'),
  });
}

function abandon(port: number, bytes: string, ending: string, delay: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, async () => {
      if (ending === 'half-close') socket.end(bytes, 'latin1');
      else socket.write(bytes, 'latin1');
      // A client that only closes its half waits for the rest, and then leaves.
      await setTimeout(ending === 'half-close' ? 200 : delay);
      if (ending === 'reset') socket.resetAndDestroy();
      else socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
  });
}
