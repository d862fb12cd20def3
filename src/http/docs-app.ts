import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, fastify } from 'fastify';
import { answerFrameworkError, handleErrors } from './error-handlers.js';

/** A document with its page: the path and the title of the page, how it opens, and what makes an app carry the document. */
export interface Docs {
  path: string;
  title: string;
  /** Whether the page shows all of every operation at first, or only their list. */
  isOpen: boolean;
  describe(app: FastifyInstance): Promise<void>;
}

/** Builds the app of a document's page. It is loaded by the first request for it, so that a start need not wait for it. */
export async function buildDocsApp({ path, title, isOpen, describe }: Docs): Promise<FastifyInstance> {
  const app = fastify({ frameworkErrors: answerFrameworkError });
  handleErrors(app);
  // A page of another site that shows this one in a frame could make its reader press Execute.
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers({ 'content-security-policy': "frame-ancestors 'none'", 'x-frame-options': 'DENY' });
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
    // Try it out asks the server that shows the page; the document itself may name the vendor's.
    transformSpecification: (document) => ({ ...document, servers: [{ url: '/', description: 'This server' }] }),
    transformSpecificationClone: true,
  });
  await app.ready();
  return app;
}
