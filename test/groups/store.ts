import { runTests } from '../run-tests.js';

runTests('store', 'util.test.ts', 'architecture.test.ts');
