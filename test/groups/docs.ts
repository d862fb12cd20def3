import { runTests } from '../run-tests.js';

runTests('docs.test.ts', 'docs');
