import { readdirSync } from 'node:fs';

const list = (folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);

// The fuzzer tests the server and is no part of what must be covered: what it does depends on what it finds.
const files = [...list('src'), ...list('bench')].filter((file) => !file.includes('node_modules'));

export default () => files;
