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

/** Starts a proxy that changes each 200 of the call; returns its URL. */
export async function startProxy(upstream: string, change: Change): Promise<{ url: string; server: Server }> {
  const server = createServer(({ method, url = '/', headers }, response) => {
    const sent = request(upstream, { method, path: url, headers }, async (answer) => {
      const chunks: Buffer[] = await answer.toArray();
      const { statusCode: code = 500, headers: received } = answer;
      let result: [number, string] = [code, Buffer.concat(chunks).toString()];
      if (code === 200 && method === 'GET' && url.startsWith('/har/')) {
        const [changed, body] = change(code, JSON.parse(result[1]));
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
