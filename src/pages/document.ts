import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { type FastifySchema, fastify, type RouteOptions } from 'fastify';

/** The parts of an OpenAPI document that depend on the server or on the request. */
export interface Document {
  info: { description: string };
  servers: { url: string; description: string }[];
  components: { securitySchemes: Record<string, { description: string }> };
  paths: Record<string, Record<string, Operation>>;
}

export interface Operation {
  parameters?: { name: string; required?: boolean; example?: string }[];
  responses: Record<string, { content: Record<string, { examples?: object }> }>;
}

export type Route = Pick<RouteOptions, 'method' | 'url'> & { schema: object };

/**
 * Makes an OpenAPI document from routes; optional parameters come last in each.
 *
 * @param schemas what the routes refer to
 */
export async function makeDocument(
  openapi: NonNullable<FastifyDynamicSwaggerOptions['openapi']>,
  schemas: readonly object[],
  routes: readonly Route[],
): Promise<Document> {
  // No request reaches this app.
  const app = fastify();
  app.setValidatorCompiler(() => Boolean);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, { openapi, refResolver: { buildLocalReference: (json) => String(json.$id) } });
  for (const schema of schemas) app.addSchema(schema);
  for (const { method, url, schema } of routes) {
    app.route({ method, url, schema: schema as FastifySchema, handler: Boolean });
  }
  await app.ready();
  const document = app.swagger() as unknown as Document;
  await app.close();
  for (const { parameters } of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    parameters?.sort((a, b) => Number(Boolean(b.required)) - Number(Boolean(a.required)));
  }
  return document;
}
