import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';

/** `/openapi.json`, `/openapi.yaml` and the page at `/docs`: the published contract, for anyone, without a key. */
export const docsRoutes: FastifyPluginAsync = async (app) => {
  let docs: Promise<FastifyInstance> | undefined;
  const loadDocs = () => {
    docs ??= import('../http/docs-app.js').then(({ buildDocsApp }) => buildDocsApp());
    return docs;
  };
  app.addHook('onClose', async () => (await docs)?.close());

  app.get('/openapi.json', async () => (await loadDocs()).swagger());
  app.get('/openapi.yaml', async (_request, reply) => {
    reply.type('application/yaml; charset=utf-8');
    return (await loadDocs()).swagger({ yaml: true });
  });

  const showPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const { routing } = await loadDocs();
    reply.hijack();
    routing(request.raw, reply.raw);
  };
  app.get('/docs', showPage);
  app.get('/docs/*', showPage);
};
