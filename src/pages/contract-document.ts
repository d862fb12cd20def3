import { Type } from '@sinclair/typebox';
import { API_PATH, operation, ROUTE_PATH } from '../api/operation.js';
import {
  ArtifactDetailResponseSchema,
  ArtifactDetailSchema,
  ErrorSchema,
  PathParametersSchema,
  QueryParametersSchema,
} from '../api/schema.js';
import type { SpellingMode } from '../api/spelling.js';
import type { Lookup } from '../store/types.js';
import type { Docs } from './docs.js';
import { type Document, makeDocument, type Operation } from './document.js';
import { type Example, findPlain, formatTarget } from './examples.js';
import type { PageOptions } from './home.js';

/** Builds the docs of the contract. The page starts with a plain request, the document with all parameters. */
export async function buildContractDocs(options: PageOptions): Promise<Docs> {
  const contract = await describeContract();
  return (url, isPage) => {
    const document = structuredClone(contract);
    const examples = options.readExamples();
    const request = isPage ? findPlain(examples) : examples[0]?.request;
    document.servers.unshift({ url, description: 'This server' });
    if (request) addExamples(document, examples, toParameters(request, options.spellings));
    if (isPage) addHints(document, options, request);
    return document;
  };
}

type ParameterValues = Record<string, string | undefined>;

/** The parameters of a request. Clients encode them, and no marker of an encoded name is portable. */
function toParameters(request: Lookup, spellings: SpellingMode): ParameterValues {
  const { ref, artifact, version, artifactType, childVersion } = request;
  const marker = spellings === 'portable' ? '' : '/+';
  return {
    registry_ref: ref + marker,
    artifact: artifact.includes('/') ? artifact + marker : artifact,
    version,
    artifact_type: artifactType,
    childVersion,
  };
}

function addExamples({ paths }: Document, examples: readonly Example[], values: ParameterValues): void {
  const [{ parameters = [], responses }] = Object.values(paths[API_PATH] as object) as [Operation];
  // Dredd reads no named examples of a parameter, and OpenAPI allows only one of example and examples.
  for (const parameter of parameters) {
    const example = values[parameter.name];
    if (example !== undefined) parameter.example = example;
  }
  for (const { name, summary, request, note, status, body } of examples) {
    const media = responses[status]?.content['application/json'] as { examples?: object };
    const description = `GET ${formatTarget(request)}${note === undefined ? '' : `, ${note}`}`;
    media.examples = { ...media.examples, [name]: { summary, description, value: body } };
  }
}

/** Says on the page which key its server accepts, and where its admin API is. */
function addHints(document: Document, { auth, hasAdmin, findKeyName }: PageOptions, request?: Lookup): void {
  const keyName = request && findKeyName(request.ref);
  const hint = {
    strict: keyName && `a key of the fixtures, such as the one named **${keyName}**`,
    any: 'any key is accepted',
    off: 'no key is needed',
  }[auth];
  const [scheme] = Object.values(document.components.securitySchemes);
  if (scheme && hint) scheme.description += `. This server: ${hint}.`;
  if (hasAdmin) document.info.description += '\n\n[Admin API](/__admin/docs) of this server: faults, journal, data.';
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

const describeContract = () =>
  makeDocument(
    {
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
    [ArtifactDetailSchema, ArtifactDetailResponseSchema, ErrorSchema],
    [{ method: 'GET', url: ROUTE_PATH, schema: { ...operation, ...documentedParameters } }],
  );
