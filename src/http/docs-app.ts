import swaggerUi from '@fastify/swagger-ui';
import { type FastifyInstance, fastify } from 'fastify';
import { answerFrameworkError, handleErrors } from './error-handlers.js';
import { describeContract } from './openapi.js';

/** Builds the app of the docs page. It is loaded by the first request for it, so that a start need not wait for it. */
export async function buildDocsApp(): Promise<FastifyInstance> {
  const app = fastify({ frameworkErrors: answerFrameworkError });
  handleErrors(app);
  await describeContract(app);
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      layout: 'BaseLayout',
      docExpansion: 'full',
      defaultModelsExpandDepth: -1,
      tryItOutEnabled: true,
      displayRequestDuration: true,
      supportedSubmitMethods: ['get'],
    },
    theme: { title: 'Describe Artifact Details' },
    // Try it out asks the server that shows the page; the document itself names the vendor's.
    transformSpecification: (document) => ({ ...document, servers: [{ url: '/', description: 'This server' }] }),
    transformSpecificationClone: true,
  });
  await app.ready();
  return app;
}
