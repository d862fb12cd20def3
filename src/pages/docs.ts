import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { sendJson } from '../api/error-handler.js';
import { OPTIONS } from '../config/options.js';
import { lazy } from '../util/lazy.js';
import type { Document } from './document.js';

/** Returns a new copy of a document for the client of a URL; with `isPage`, what the docs page of this server shows. */
export type Docs = (url: string, isPage: boolean) => Document;

export interface DocsOptions {
  /** The path before `/docs` and `/openapi.json`: empty for the contract, `/__admin` for our own API. */
  below: string;
  title: string;
  /** Whether the page shows every operation in full at first, or a list. */
  isOpen: boolean;
  load(): Promise<Docs>;
}

/** `/openapi.json`, `/openapi.yaml` and the page at `/docs`, without a key. They are built on the first request. */
export const docsRoutes: FastifyPluginAsync<DocsOptions> = async (app, { below, title, isOpen, load }) => {
  const loadDocs = lazy(load);
  const describe = async (request: FastifyRequest) => (await loadDocs())(urlOf(request), false);
  app.get(`${below}/openapi.json`, async (request, reply) => sendJson(reply, JSON.stringify(await describe(request))));
  app.get(`${below}/openapi.yaml`, async (request, reply) => {
    const { stringify } = await import('yaml');
    reply.type('application/yaml; charset=utf-8');
    return stringify(await describe(request), { aliasDuplicateObjects: false });
  });

  const path = `${below}/docs`;
  const page = renderPage(path, title, isOpen);
  for (const url of [path, `${path}/`]) {
    app.get(url, (_request, reply) => {
      // In a frame of another site's page, a reader could be tricked into pressing Execute.
      reply.headers({ 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' });
      reply.type('text/html; charset=utf-8').send(page);
    });
  }
  app.get(`${path}/json`, async (request, reply) => {
    const document = (await loadDocs())(urlOf(request), true);
    // "Try it out" calls the server that shows the page; the document may name the vendor's.
    return sendJson(reply, JSON.stringify({ ...document, servers: [{ url: '/', description: 'This server' }] }));
  });
  for (const { name, type, read } of ASSETS) {
    app.get(`${path}/static/${name}`, async (_request, reply) => {
      reply.type(type);
      return read();
    });
  }
};

/** Returns the URL under which a client reached this server, which can stand in quotes. */
export function urlOf({ headers: { host = '' }, socket }: FastifyRequest): string {
  const isPlain = /^(?:\w[\w.-]*|\[[\da-f:.]+\])(?::\d+)?$/i.test(host);
  const usual = `localhost:${socket.localPort ?? OPTIONS.port.fallback}`;
  return `http://${isPlain && URL.canParse(`http://${host}`) ? host : usual}`;
}

/** The files of Swagger UI that the page loads. They are kept, so that a slow client holds no file open. */
const ASSETS = Object.entries({
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
}).map(([name, type]) => ({
  name,
  type,
  read: lazy(() => readFile(join(dirname(require.resolve('@fastify/swagger-ui')), 'static', name))),
}));

/** Swagger UI has dark colours, but switches to them by itself only in another layout. */
function renderPage(path: string, title: string, isOpen: boolean): string {
  const options = {
    dom_id: '#swagger-ui',
    url: `${path}/json`,
    deepLinking: true,
    docExpansion: isOpen ? 'full' : 'list',
    defaultModelsExpandDepth: -1,
    tryItOutEnabled: true,
    displayRequestDuration: true,
    persistAuthorization: true,
    validatorUrl: null,
  };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<link rel="icon" href="/favicon.ico">
<link rel="stylesheet" href="${path}/static/swagger-ui.css">
<style>
body { margin: 0; }
html.dark-mode { color-scheme: dark; }
html.dark-mode body { background: #1c2022; }
</style>
<div id="swagger-ui"></div>
<script src="${path}/static/swagger-ui-bundle.js"></script>
<script>
const dark = matchMedia('(prefers-color-scheme: dark)');
const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', apply);
apply();
SwaggerUIBundle(${JSON.stringify(options)});
</script>
`;
}
