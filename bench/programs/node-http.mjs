// Takes a port and a body; answers any request with that body.
import { createServer } from 'node:http';

const [port, body] = process.argv.slice(2);
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };
const server = createServer((_request, response) => response.writeHead(200, headers).end(body));
server.listen(Number(port), '127.0.0.1');
