// Takes a port and a body; answers any GET with that body.
import Fastify from 'fastify';

const [port, body] = process.argv.slice(2);
const app = Fastify();
app.get('*', (_request, reply) => reply.type('application/json; charset=utf-8').send(body));
await app.listen({ host: '127.0.0.1', port: Number(port) });
