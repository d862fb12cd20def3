import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import { createCors } from './cors.js';
import { handleErrors, sendFrameworkError } from './error-handler.js';

/** The part of an OpenAPI document that pages change. */
export interface DocsDocument {
  info: { description?: string };
  components: { securitySchemes: Record<string, { description?: string }> };
  paths: Record<string, Record<string, { parameters?: { name: string; required?: boolean; example?: unknown }[] }>>;
}

export interface DocsPage {
  path: string;
  title: string;
  /** Whether the page shows every operation in full at first, or a list. */
  isOpen: boolean;
  /** Registers @fastify/swagger with the document. */
  describe(app: FastifyInstance): Promise<void>;
  /** Adds what depends on the request to the document, without changing it. */
  complete?(document: object, request: FastifyRequest): object;
  /** Changes a copy of the document for the page. */
  adapt?(document: DocsDocument): void;
}

export interface Docs {
  /** Serves the page. */
  app: FastifyInstance;
  /** Returns the document for the client of a request. */
  describe(request: FastifyRequest): object;
}

/** Swagger UI has dark colours, but switches to them in its standalone layout only. */
const DARK_MODE = `const dark = matchMedia('(prefers-color-scheme: dark)');
const apply = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', apply);
apply();
`;

const DARK_STYLE = `html.dark-mode { color-scheme: dark; }
@media (prefers-color-scheme: dark) { html, body { background: #1c2022; } }
`;

/** Builds an OpenAPI document and an app with the page that shows it. */
export async function buildDocsApp(page: DocsPage): Promise<Docs> {
  const { path, title, isOpen, describe, complete = (document) => document, adapt = () => {} } = page;
  // The server that shows the page has set the headers of CORS.
  const cors = createCors(['off']);
  const app = fastify({ requestIdHeader: 'x-request-id', frameworkErrors: sendFrameworkError(cors) });
  handleErrors(app, { cors });
  // In a frame of another site's page, a reader could be tricked into pressing Execute.
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' });
  });
  // Swagger UI sends its document with a charset.
  app.addHook('onSend', async (_request, reply) => {
    const isJson = String(reply.getHeader('content-type')).startsWith('application/json');
    if (isJson) reply.header('content-type', 'application/json');
  });
  await describe(app);
  await app.register(swaggerUi, {
    routePrefix: path,
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: isOpen ? 'full' : 'list',
      defaultModelsExpandDepth: -1,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      persistAuthorization: true,
    },
    theme: {
      title,
      css: [{ filename: 'dark.css', content: DARK_STYLE }],
      js: [{ filename: 'dark.js', content: DARK_MODE }],
    },
    transformSpecification(document, request) {
      const shown = complete(document, request);
      adapt(shown as DocsDocument);
      // "Try it out" calls the server that shows the page; the document may name the vendor's.
      return { ...shown, servers: [{ url: '/', description: 'This server' }] };
    },
    transformSpecificationClone: true,
  });
  await app.ready();
  return { app, describe: (request) => complete(app.swagger(), request) };
}

/** Puts the optional parameters of every operation last; the `transformObject` of @fastify/swagger. */
export function requiredFirst<Document extends object>(documents: { openapiObject: Document } | object): Document {
  const { openapiObject: document } = documents as { openapiObject: Document };
  for (const path of Object.values((document as unknown as DocsDocument).paths)) {
    for (const { parameters } of Object.values(path)) {
      parameters?.sort((a, b) => Number(Boolean(b.required)) - Number(Boolean(a.required)));
    }
  }
  return document;
}
