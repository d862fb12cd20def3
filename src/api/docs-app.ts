import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, fastify } from 'fastify';
import { handleErrors, sendFrameworkError } from './error-handler.js';

export interface DocsPage {
  path: string;
  title: string;
  /** Whether the page shows every operation in full at first, or a list. */
  isOpen: boolean;
  /** Registers @fastify/swagger with the document. */
  describe(app: FastifyInstance): Promise<void>;
}

/** Builds an app with a document (its `swagger()`) and the page that shows it. */
export async function buildDocsApp({ path, title, isOpen, describe }: DocsPage): Promise<FastifyInstance> {
  const app = fastify({ requestIdHeader: 'x-request-id', frameworkErrors: sendFrameworkError });
  handleErrors(app);
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
    },
    theme: { title },
    // "Try it out" calls the server that shows the page; the document may name the vendor's.
    transformSpecification: (document) => ({ ...document, servers: [{ url: '/', description: 'This server' }] }),
    transformSpecificationClone: true,
  });
  await app.ready();
  return app;
}
