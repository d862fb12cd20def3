import { runTests } from '../run-tests.js';

runTests('seed');
