import { runTests } from '../run-tests.js';

runTests('store', 'util', 'util.test.ts', 'architecture.test.ts');
