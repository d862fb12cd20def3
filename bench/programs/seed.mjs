// Takes a fixture of versions, and a file for the store unless it is kept in memory; prints how many milliseconds the
// server took to start, nearly all of which is the seeding.
import { performance } from 'node:perf_hooks';
import { startMockServer } from '../../dist/index.js';

const [fixtures, db] = process.argv.slice(2);
const begin = performance.now();
const server = await startMockServer({ fixtures, db });
console.log(performance.now() - begin);
await server.close();
