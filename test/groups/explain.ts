import { runTests } from '../run-tests.js';

runTests('explain');
