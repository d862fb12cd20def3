import type { AuthMode } from '../config/options.js';
import type { DocsDocument } from './docs-app.js';
import { API_PATH } from './operation.js';
import type { Example, Overview } from './overview.js';
import type { SpellingMode } from './spelling.js';

/** What the docs page of the contract shows of its server. */
export interface PageOptions {
  readOverview(): Overview;
  auth: AuthMode;
  spellings: SpellingMode;
  hasAdmin: boolean;
}

/** Adapts the contract's document to its page, so that it starts with a request that gets a 200 from this server. */
export function adaptDocument(document: DocsDocument, { readOverview, auth, spellings, hasAdmin }: PageOptions): void {
  const { example, keyName } = readOverview();
  const hint = {
    strict: keyName === undefined ? undefined : `a key of the fixtures, such as the one named **${keyName}**`,
    any: 'any key is accepted',
    off: 'no key is needed',
  }[auth];
  const [scheme] = Object.values(document.components.securitySchemes);
  if (hint && scheme) scheme.description += `. This server: ${hint}.`;
  if (hasAdmin) document.info.description += '\n\n[Admin API](/__admin/docs) of this server: faults, journal, data.';
  if (example === undefined) return;
  const values = toParameters(example, spellings);
  const operations = Object.values(document.paths[API_PATH] as DocsDocument['paths'][string]);
  for (const parameter of operations.flatMap(({ parameters }) => parameters as { name: string; example?: unknown }[])) {
    parameter.example = values[parameter.name];
  }
}

/** The parameters of an example. The page encodes them, and no marker of an encoded name is portable. */
function toParameters({ ref, artifact, version, artifactType }: Example, spellings: SpellingMode) {
  const marker = spellings === 'portable' ? '' : '/+';
  const values: Record<string, string | undefined> = {
    registry_ref: ref + marker,
    artifact: artifact.includes('/') ? artifact + marker : artifact,
    version,
    artifact_type: artifactType,
  };
  return values;
}
