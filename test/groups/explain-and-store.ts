import { runTests } from '../run-tests.js';

runTests('explain', 'store', 'util.test.ts', 'architecture.test.ts');
