import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

type Change = (status: number, body: { data: Record<string, unknown> }) => [number, object];

/** What is wrong with each 200 of the call. */
export const MISTAKES: Record<string, Change> = {
  'another status': (_status, body) => [203, body],
  'a missing field': (status, { data: { packageType: _, ...data }, ...body }) => [status, { ...body, data }],
  'a wrong type': (status, body) => [status, { ...body, data: [body.data] }],
};

/** Changes nothing: a tool has to pass behind the proxy too. */
export const NO_MISTAKE: Change = (status, body) => [status, body];

/** Starts a proxy that changes each 200 of the call; returns its URL. A body in HTML, or one that ends early, stays as it is. */
export async function startProxy(upstream: string, change: Change): Promise<{ url: string; server: Server }> {
  const server = createServer(({ method, url = '/', headers }, response) => {
    const sent = request(upstream, { method, path: url, headers }, async (answer) => {
      const { statusCode: code = 500, headers: received } = answer;
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {});
      await new Promise((resolve) => answer.once('close', resolve));
      const text = Buffer.concat(chunks).toString();
      if (!answer.complete) {
        response.writeHead(code, received).write(text, () => response.destroy());
        return;
      }
      let result: [number, string] = [code, text];
      if (
        code === 200 &&
        method === 'GET' &&
        received['content-type'] === 'application/json' &&
        url.startsWith('/har/')
      ) {
        const [changed, body] = change(code, JSON.parse(text));
        result = [changed, JSON.stringify(body)];
      }
      const length = { 'content-length': method === 'GET' ? Buffer.byteLength(result[1]) : received['content-length'] };
      response.writeHead(result[0], { ...received, ...length }).end(result[1]);
    });
    sent.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}
