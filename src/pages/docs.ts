import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { sendJson } from '../api/error-handler.js';
import { OPTIONS } from '../config/options.js';
import type { Document } from './documents.js';
import type { PageOptions } from './examples.js';

/** The documents and pages of the contract and, if it is on, of the admin API. Swagger is loaded at the first request. */
export const docsRoutes: FastifyPluginAsync<PageOptions> = async (app, options) => {
  const load = () => import('./documents.js');
  addDocs(app, '', 'Describe Artifact Details', async (url, isPage) =>
    (await load()).describeContract(url, isPage, options),
  );
  if (options.hasAdmin) addDocs(app, '/__admin', 'Admin API', async () => (await load()).describeAdmin());
};

/** Describes an API for the client of a URL; with `isPage`, for the page of this server. */
type Describe = (url: string, isPage: boolean) => Promise<Document>;

/** Adds `/openapi.json`, `/openapi.yaml` and the page at `/docs`, without a key. */
function addDocs(app: FastifyInstance, below: string, title: string, describe: Describe): void {
  app.get(`${below}/openapi.json`, async (request, reply) =>
    sendJson(reply, JSON.stringify(await describe(urlOf(request), false))),
  );
  app.get(`${below}/openapi.yaml`, async (request, reply) => {
    const { stringify } = await import('yaml');
    reply.type('application/yaml; charset=utf-8');
    return stringify(await describe(urlOf(request), false), { aliasDuplicateObjects: false });
  });

  const path = `${below}/docs`;
  const page = renderPage(path, title);
  for (const url of [path, `${path}/`]) {
    app.get(url, (_request, reply) => {
      // In a frame of another site's page, a reader could be tricked into pressing Execute.
      reply.headers({ 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' });
      reply.type('text/html; charset=utf-8').send(page);
    });
  }
  app.get(`${path}/json`, async (request, reply) => {
    const document = await describe(urlOf(request), true);
    // "Try it out" calls the server that shows the page; the document may name the vendor's.
    return sendJson(reply, JSON.stringify({ ...document, servers: [{ url: '/', description: 'This server' }] }));
  });
  for (const [name, type] of Object.entries(ASSETS)) {
    // Kept, so that a slow client holds no file open.
    let content: Buffer | undefined;
    app.get(`${path}/static/${name}`, async (_request, reply) => {
      content ??= await readFile(join(dirname(require.resolve('@fastify/swagger-ui')), 'static', name));
      reply.type(type);
      return content;
    });
  }
}

/** Returns the URL under which a client reached this server, which can stand in quotes. */
export function urlOf({ protocol, headers: { host = '' }, socket }: FastifyRequest): string {
  const isPlain = /^(?:\w[\w.-]*|\[[\da-f:.]+\])(?::\d+)?$/i.test(host);
  const usual = `localhost:${socket.localPort ?? OPTIONS.port.fallback}`;
  return `${protocol}://${isPlain && URL.canParse(`http://${host}`) ? host : usual}`;
}

/** The files of Swagger UI that the page loads. */
const ASSETS = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
};

/** Swagger UI has dark colours, but switches to them by itself only in another layout. */
function renderPage(path: string, title: string): string {
  const options = {
    dom_id: '#swagger-ui',
    url: `${path}/json`,
    deepLinking: true,
    docExpansion: path === '/docs' ? 'full' : 'list',
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
