// node-http.mjs PORT BODY: sends the body to any request.
import { createServer } from 'node:http';

const [port, body] = process.argv.slice(2);
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
const server = createServer((_request, response) => response.writeHead(200, headers).end(body));
server.listen(Number(port), '127.0.0.1');
