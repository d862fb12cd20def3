import swagger from '@fastify/swagger';
import { Type } from '@sinclair/typebox';
import type { FastifyInstance, FastifyRequest, FastifySchema, RouteOptions } from 'fastify';
import { OPTIONS } from '../config/options.js';
import { writeFixtures } from '../seed/write.js';
import { openStore, type Store } from '../store/store.js';
import { BUNDLED_FIXTURES } from '../util/package.js';
import { buildDocsApp, type Docs, requiredFirst } from './docs-app.js';
import { adaptDocument, type PageOptions } from './docs-document.js';
import { describeRequest, type Example, listExamples } from './examples.js';
import { API_PATH } from './operation.js';
import {
  ArtifactDetailResponseSchema,
  ArtifactDetailSchema,
  ErrorSchema,
  type ParameterName,
  PathParametersSchema,
  QueryParametersSchema,
} from './schema.js';

export interface ContractDocsOptions extends PageOptions {
  /** The routes of the call; the document is made from their options. */
  routes: readonly RouteOptions[];
  store: Store;
  prefer: boolean;
  /** Whether the document may name what the store has. */
  isLocal: boolean;
}

/** Builds the docs of the contract. */
export function buildContractDocs(options: ContractDocsOptions): Promise<Docs> {
  const readExamples = prepareExamples(options);
  return buildDocsApp({
    path: '/docs',
    title: 'Describe Artifact Details',
    isOpen: true,
    describe: (app) => describeContract(app, options.routes),
    complete: (document, request) => completeDocument(document as ContractDocument, readExamples(), urlOf(request)),
    adapt: (document) => adaptDocument(document, options),
  });
}

/** What `openapi.yaml` names. */
const USUAL_HOST = `127.0.0.1:${OPTIONS.port.fallback}`;

/** Returns the URL under which a client reached this server; the usual one if the Host header is not a host and a port. */
function urlOf({ headers: { host = '' } }: FastifyRequest): string {
  const isPlain = /^(?:\w[\w.-]*|\[[\da-f:.]+\])(?::\d+)?$/i.test(host);
  return `http://${isPlain && URL.canParse(`http://${host}`) ? host : USUAL_HOST}`;
}

/** Examples come from the store if names may be shown; otherwise, or without data, from the bundled fixtures. */
function prepareExamples({ store, isLocal, ...modes }: ContractDocsOptions): () => Example[] {
  let bundled: Example[] | undefined;
  return () => {
    const examples = isLocal ? listExamples(store, modes) : [];
    if (examples.length > 0) return examples;
    bundled ??= listBundledExamples(modes);
    return bundled;
  };
}

function listBundledExamples(modes: Pick<ContractDocsOptions, 'auth' | 'prefer'>): Example[] {
  const store = openStore();
  writeFixtures([BUNDLED_FIXTURES], store.seed);
  const examples = listExamples(store, modes);
  store.close();
  return examples;
}

/** What this file changes of the document that @fastify/swagger makes. */
interface ContractDocument {
  servers: object[];
  paths: Record<string, { get: { parameters: { name: string }[]; responses: Record<string, Response> } }>;
}

interface Response {
  content: { 'application/json': object };
}

/** Adds examples, and the server that the client reached. */
function completeDocument(document: ContractDocument, examples: readonly Example[], url: string): ContractDocument {
  const { get } = document.paths[API_PATH] as ContractDocument['paths'][string];
  const { request } = examples[0] as Example;
  const values: Record<ParameterName, string | undefined> = {
    registry_ref: `${request.ref}/+`,
    artifact: request.artifact.includes('/') ? `${request.artifact}/+` : request.artifact,
    version: request.version,
    artifact_type: request.artifactType,
    childVersion: request.childVersion,
  };
  // Dredd reads no named examples of a parameter, and OpenAPI allows only one of example and examples.
  const parameters = get.parameters.map((parameter) => {
    const example = values[parameter.name as ParameterName];
    return example === undefined ? parameter : { ...parameter, example };
  });
  const responses: Record<string, Response> = {};
  for (const [code, { content, ...response }] of Object.entries(get.responses)) {
    const shown = examples
      .filter(({ status }) => String(status) === code)
      .map((example) => {
        const { name, summary, body } = example;
        return [name, { summary, description: describeRequest(example), value: body }];
      });
    const media = { ...content['application/json'], ...(shown.length > 0 && { examples: Object.fromEntries(shown) }) };
    responses[code] = { ...response, content: { 'application/json': media } };
  }
  return {
    ...document,
    servers: [{ url, description: 'This server' }, ...document.servers],
    paths: { [API_PATH]: { get: { ...get, parameters, responses } } },
  };
}

async function describeContract(app: FastifyInstance, routes: readonly RouteOptions[]): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.0.3',
      info: {
        title: 'Harness Artifact Registry: Describe Artifact Details',
        description: 'Describes one version of an artifact in the Harness Artifact Registry (HAR).',
        version: '1.0',
        contact: { name: 'Harness API reference', url: 'https://apidocs.harness.io' },
        license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      },
      servers: [{ url: 'https://app.harness.io', description: 'Harness' }],
      tags: [{ name: 'Artifacts', description: 'Artifacts and their versions' }],
      components: {
        securitySchemes: {
          'x-api-key': {
            type: 'apiKey',
            in: 'header',
            name: 'x-api-key',
            description: 'API key, personal or of a service account',
          },
        },
      },
    },
    transform: ({ schema, url }) => ({ schema: { ...schema, ...documentedParameters }, url }),
    transformObject: requiredFirst,
    refResolver: { buildLocalReference: (json) => String(json.$id) },
  });
  for (const schema of [ArtifactDetailSchema, ArtifactDetailResponseSchema, ErrorSchema]) app.addSchema(schema);
  for (const { method, url, schema } of routes) {
    app.route({ method, url, schema: schema as FastifySchema, handler: Boolean });
  }
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
