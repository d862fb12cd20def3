import { readdirSync } from 'node:fs';

// What is measured and what is fuzzed is the server: of bench and fuzz, what is run depends on the machine and on what is found.
const files = readdirSync('src', { recursive: true })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name}`);

export default () => files;
