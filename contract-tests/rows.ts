import { dredd } from './dredd/row.js';
import { openapiCore } from './openapi-core/row.js';
import { pact } from './pact/row.js';
import { postman } from './postman/row.js';
import { prism } from './prism/row.js';
import type { Row } from './row.js';
import { schemathesis } from './schemathesis/row.js';
import { specmatic } from './specmatic/row.js';

/** The lines of the table, in their order. */
export const ROWS: readonly Row[] = [dredd, specmatic, prism, postman, pact, schemathesis, openapiCore];
