// fastify.mjs PORT BODY: sends the body to any GET request.
import Fastify from 'fastify';

const [port, body] = process.argv.slice(2);
const app = Fastify();
app.get('*', (_request, reply) => reply.header('content-type', 'application/json').send(body));
await app.listen({ host: '127.0.0.1', port: Number(port) });
