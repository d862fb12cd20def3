import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import { type FastifyInstance, type FastifySchema, fastify } from 'fastify';
import { FaultParametersSchema, type Operation } from '../admin/operation.js';
import { operations } from '../admin/operations.js';
import { API_PATH, operation, ROUTE_PATH } from '../api/operation.js';
import {
  ArtifactDetailResponseSchema,
  ArtifactDetailSchema,
  ErrorSchema,
  PathParametersSchema,
  QueryParametersSchema,
} from '../api/schema.js';
import { SESSION_HEADER, SESSION_PATTERN } from '../faults/sessions.js';
import { VERSION } from '../util/package.js';
import { addExamples, findTrial, type PageOptions } from './examples.js';

/** The parts of an OpenAPI document that depend on the server or on the request. */
export interface Document {
  info: { description: string };
  servers: { url: string; description: string }[];
  components: { securitySchemes: Record<string, { description: string }> };
  paths: Record<string, Record<string, DocumentedOperation>>;
}

export interface DocumentedOperation {
  parameters: { name: string; required?: boolean; example?: string | undefined }[];
  responses: Record<string, { content: Record<string, { examples?: object }> }>;
}

type OpenApi = NonNullable<FastifyDynamicSwaggerOptions['openapi']>;

const license = { name: 'MIT', url: 'https://opensource.org/license/mit' };

/**
 * Makes an OpenAPI document from routes; optional parameters come last in each. The plugin gets an app of its own, which
 * no request reaches: on the server's app, it would double the time of a start.
 */
async function makeDocument(openapi: OpenApi, addRoutes: (app: FastifyInstance) => void): Promise<Document> {
  const app = fastify();
  app.setValidatorCompiler(() => Boolean);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, { openapi, refResolver: { buildLocalReference: (json) => String(json.$id) } });
  addRoutes(app);
  app.addSchema(ErrorSchema);
  await app.ready();
  const document = app.swagger() as unknown as Document;
  await app.close();
  for (const { parameters } of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    parameters.sort((a, b) => Number(Boolean(b.required)) - Number(Boolean(a.required)));
  }
  return document;
}

/** A ref as a client writes it. Its last component is not a plus; RE2 has no lookahead to say so. */
const REF_PATTERN = '^[^/]+(/[^/]+){0,2}/([^/+][^/]*|\\+[^/]+)(/\\+)?$';

/** The parameters as a client writes them. The route validates a ref without its marker, and ignores an empty child version. */
const { registry_ref: ref, ...names } = PathParametersSchema.properties;
const { childVersion, ...query } = QueryParametersSchema.properties;
const documentedParameters = {
  params: Type.Object({ registry_ref: { ...ref, pattern: REF_PATTERN, minLength: 1 }, ...names }),
  querystring: Type.Object({ ...query, childVersion: { ...childVersion, minLength: 1 } }),
};

const description = 'API key, personal or of a service account';

const CONTRACT: OpenApi = {
  openapi: '3.0.3',
  info: {
    title: 'Harness Artifact Registry: Describe Artifact Details',
    description: 'Describes one version of an artifact in the Harness Artifact Registry (HAR).',
    version: '1.0',
    contact: { name: 'Harness API reference', url: 'https://apidocs.harness.io' },
    license,
  },
  servers: [{ url: 'https://app.harness.io', description: 'Harness' }],
  tags: [{ name: 'Artifacts', description: 'Artifacts and their versions' }],
  components: { securitySchemes: { 'x-api-key': { type: 'apiKey', in: 'header', name: 'x-api-key', description } } },
};

let contract: Document | undefined;

/**
 * Describes the contract for the client of a URL, with examples. The page of the docs starts with a plain request, and says
 * which key its server accepts and where its admin API is; other readers get a request with all parameters.
 */
export async function describeContract(url: string, isPage: boolean, options: PageOptions): Promise<Document> {
  contract ??= await makeDocument(CONTRACT, (app) => {
    app.addSchema(ArtifactDetailSchema).addSchema(ArtifactDetailResponseSchema);
    app.get(ROUTE_PATH, { schema: { ...operation, ...documentedParameters } }, Boolean);
  });
  const document = structuredClone(contract);
  document.servers.unshift({ url, description: 'This server' });
  const trial = isPage ? findTrial(options) : undefined;
  addExamples(document.paths[API_PATH]?.get as DocumentedOperation, options, trial?.request);
  if (!isPage) return document;
  const { info, components } = document;
  const hint = {
    strict: trial?.keyName && `a key of the fixtures, such as the one named **${trial.keyName}**`,
    any: 'any key is accepted',
    off: 'no key is needed',
  }[options.auth];
  const [scheme] = Object.values(components.securitySchemes);
  if (scheme && hint) scheme.description += `. This server: ${hint}.`;
  if (options.hasAdmin) info.description += '\n\n[Admin API](/__admin/docs) of this server: faults, journal, data.';
  return document;
}

const session = { pattern: SESSION_PATTERN, description: 'the session; without it, all sessions' };

const SessionHeaderSchema = Type.Object({ [SESSION_HEADER]: Type.Optional(Type.String(session)) });

const ADMIN: OpenApi = {
  openapi: '3.1.0',
  info: {
    title: 'Admin API of harness-registry-mock',
    description: 'Controls faults, journal and data of the mock server. It is not part of the Harness API.',
    version: VERSION,
    license,
  },
  components: {
    securitySchemes: {
      token: { type: 'http', scheme: 'bearer', description: 'the token of --admin-token, if the server has one' },
    },
  },
};

let admin: Document | undefined;

/** Describes the admin API. */
export async function describeAdmin(): Promise<Document> {
  admin ??= await makeDocument(ADMIN, (app) => {
    for (const [name, operation] of Object.entries<Operation>(operations)) {
      const { method, url } = operation;
      app.route({ method, url, schema: describeOperation(name, operation), handler: Boolean });
    }
  });
  return admin;
}

function describeOperation(operationId: string, operation: Operation): FastifySchema {
  const { url, tag, summary, query, body, example, status, answer, type = 'application/json', errors = [] } = operation;
  const content = (type: string, schema: object) => ({ content: { [type]: { schema } } });
  const error = { description: 'an error', ...content('application/json', { $ref: 'Error#' }) };
  return {
    operationId,
    summary,
    tags: [tag],
    security: [{ token: [] }, {}],
    headers: SessionHeaderSchema,
    ...(url.includes(':id') && { params: FaultParametersSchema }),
    ...(query && { querystring: query }),
    ...(body && { body: content('application/json', { ...body, examples: [example] }) }),
    response: {
      [status]: { description: answer?.description ?? 'done', ...(answer && content(type, answer)) },
      ...Object.fromEntries([400, 401, 403, ...errors].map((code) => [code, error])),
    },
  };
}
