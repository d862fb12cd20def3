// Runs the linters and the tests at the same time: most linters use one core. What the linters print comes last.
import { spawn } from 'node:child_process';

function run(command, stdio) {
  const child = spawn(command, { shell: true, stdio });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks) }));
  });
}

const [lint, tests] = await Promise.all([run('npm run lint', 'pipe'), run('tap', 'inherit')]);
process.stdout.write(lint.output);
process.exitCode = tests.code || lint.code;
