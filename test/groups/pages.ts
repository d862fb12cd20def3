import { runTests } from '../run-tests.js';

runTests('pages', 'upstream');
