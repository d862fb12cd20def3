import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { lazy } from '../util/lazy.js';
import { sendJson } from './error-handler.js';

export interface DocsOptions {
  /** The path before `/docs` and `/openapi.json`: empty for the contract, `/__admin` for our own API. */
  below: string;
  /** Builds the app that has the document and its page. */
  load(): Promise<FastifyInstance>;
}

/** `/openapi.json`, `/openapi.yaml` and the page at `/docs`, without a key. They are built on the first request. */
export const docsRoutes: FastifyPluginAsync<DocsOptions> = async (app, { below, load }) => {
  let docs: FastifyInstance | undefined;
  const loadDocs = lazy(async () => {
    docs = await load();
    return docs;
  });
  app.addHook('onClose', async () => docs?.close());

  app.get(`${below}/openapi.json`, async (_request, reply) =>
    sendJson(reply, JSON.stringify((await loadDocs()).swagger())),
  );
  app.get(`${below}/openapi.yaml`, async (_request, reply) => {
    reply.type('application/yaml; charset=utf-8');
    return (await loadDocs()).swagger({ yaml: true });
  });

  const showPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const { routing } = await loadDocs();
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value as string);
    reply.hijack();
    request.raw.headers['x-request-id'] = request.id;
    routing(request.raw, reply.raw);
  };
  app.get(`${below}/docs`, showPage);
  app.get(`${below}/docs/*`, showPage);
};
