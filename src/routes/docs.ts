import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { once } from '../once.js';

/** What is documented below a path: the empty one for the contract, `/__admin` for our own. */
export interface DocsOptions {
  below: string;
  /** Builds the app that carries the document and its page. */
  load(): Promise<FastifyInstance>;
}

/** `/openapi.json`, `/openapi.yaml` and the page at `/docs`, for anyone, without a key. */
export const docsRoutes: FastifyPluginAsync<DocsOptions> = async (app, { below, load }) => {
  let docs: FastifyInstance | undefined;
  const loadDocs = once(async () => {
    docs = await load();
    return docs;
  });
  app.addHook('onClose', async () => docs?.close());

  app.get(`${below}/openapi.json`, async () => (await loadDocs()).swagger());
  app.get(`${below}/openapi.yaml`, async (_request, reply) => {
    reply.type('application/yaml; charset=utf-8');
    return (await loadDocs()).swagger({ yaml: true });
  });

  const showPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const { routing } = await loadDocs();
    reply.hijack();
    routing(request.raw, reply.raw);
  };
  app.get(`${below}/docs`, showPage);
  app.get(`${below}/docs/*`, showPage);
};
