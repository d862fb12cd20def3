import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { lazy } from '../util/lazy.js';
import type { Docs } from './docs-app.js';
import { sendJson } from './error-handler.js';

export interface DocsOptions {
  /** The path before `/docs` and `/openapi.json`: empty for the contract, `/__admin` for our own API. */
  below: string;
  /** Builds the document and its page. */
  load(): Promise<Docs>;
}

/** `/openapi.json`, `/openapi.yaml` and the page at `/docs`, without a key. They are built on the first request. */
export const docsRoutes: FastifyPluginAsync<DocsOptions> = async (app, { below, load }) => {
  let docs: Docs | undefined;
  const loadDocs = lazy(async () => {
    docs = await load();
    return docs;
  });
  app.addHook('onClose', async () => docs?.app.close());

  app.get(`${below}/openapi.json`, async (request, reply) =>
    sendJson(reply, JSON.stringify((await loadDocs()).describe(request))),
  );
  app.get(`${below}/openapi.yaml`, async (request, reply) => {
    const { stringify } = await import('yaml');
    reply.type('application/yaml; charset=utf-8');
    return stringify((await loadDocs()).describe(request), { aliasDuplicateObjects: false });
  });

  const showPage = async (request: FastifyRequest, reply: FastifyReply) => {
    const { app: page } = await loadDocs();
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value as string);
    reply.hijack();
    request.raw.headers['x-request-id'] = request.id;
    const { raw } = reply;
    // A file is opened once it can be sent, so that pipelined requests hold none open.
    if (raw.socket === null) raw.once('socket', () => page.routing(request.raw, raw));
    else page.routing(request.raw, raw);
  };
  app.get(`${below}/docs`, showPage);
  app.get(`${below}/docs/*`, showPage);
};
