import { readdirSync } from 'node:fs';

// Every file of src/ is covered by the tests as a whole; the benchmark and the fuzzer are not measured.
const files = readdirSync('src', { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`);

export default () => files;
