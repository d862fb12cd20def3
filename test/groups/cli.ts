import { runTests } from '../run-tests.js';

runTests('cli.test.ts', 'server.test.ts', 'tls.test.ts', 'library.test.ts');
