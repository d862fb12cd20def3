// autocannon.mjs FILE OPTIONS: walks a list of targets, one a line, and prints autocannon's result as JSON.
import { readFileSync } from 'node:fs';
import autocannon from 'autocannon';

const [file, options] = process.argv.slice(2);
const targets = readFileSync(file, 'utf8').trimEnd().split('\n');
let index = 0;

function setupRequest(request) {
  const path = targets[index];
  index = (index + 1) % targets.length;
  return { ...request, path };
}

const result = await autocannon({ ...JSON.parse(options), requests: [{ setupRequest }] });
console.log(JSON.stringify(result));
