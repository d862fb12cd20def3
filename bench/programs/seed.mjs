// seed.mjs FIXTURE [FILE]: starts the server with a store in memory or in a file; prints the milliseconds, nearly all of
// which are the seeding.
import { performance } from 'node:perf_hooks';
import { startMockServer } from '../../dist/index.mjs';

const [fixtures, db] = process.argv.slice(2);
const begin = performance.now();
const server = await startMockServer({ fixtures, db });
console.log(performance.now() - begin);
await server.close();
