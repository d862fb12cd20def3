import { fixtures } from './fixtures/suite.js';
import { kill } from './kill/suite.js';
import { oracle } from './oracle/suite.js';
import type { Suite } from './suite.js';
import { wire } from './wire/suite.js';

/** All suites, in the order in which they run. */
export const SUITES = { wire, fixtures, oracle, kill } as const satisfies Record<string, Suite>;

export type SuiteName = keyof typeof SUITES;
