import { runTests } from '../run-tests.js';

runTests('security', 'upstream');
