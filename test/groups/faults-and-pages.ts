import { runTests } from '../run-tests.js';

runTests('faults', 'journal', 'pages');
