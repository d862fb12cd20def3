import { runTests } from '../run-tests.js';

runTests('commands', 'config');
