import { harnessOpenApi } from './clients/harness-open-api/row.js';
import { openapiGeneratorJava, swaggerCodegenJava } from './clients/java/row.js';
import { oapiCodegen } from './clients/oapi-codegen/row.js';
import { oats } from './clients/oats/row.js';
import { openapiGeneratorGo } from './clients/openapi-generator-go/row.js';
import { dredd } from './dredd/row.js';
import { openapiCore } from './openapi-core/row.js';
import { pact } from './pact/row.js';
import { postman } from './postman/row.js';
import { prism } from './prism/row.js';
import type { Row } from './row.js';
import { schemathesis } from './schemathesis/row.js';
import { specmatic } from './specmatic/row.js';

const TOOLS: readonly Row[] = [dredd, specmatic, prism, postman, pact, schemathesis, openapiCore];

const CLIENTS: readonly Row[] = [
  harnessOpenApi,
  oats,
  oapiCodegen,
  openapiGeneratorGo,
  openapiGeneratorJava,
  swaggerCodegenJava,
];

/** The lines of the table, in their order. */
export const ROWS: readonly Row[] = [...TOOLS, ...CLIENTS];
