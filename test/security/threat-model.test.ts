import { existsSync, readFileSync } from 'node:fs';
import t from 'tap';

t.test('the threat model names tests that exist, and all that are about attacks', async (t) => {
  const model = readFileSync('SECURITY.md', 'utf8');
  const named = [...model.matchAll(/\btest\/[\w/.-]+\.(?:ts|sh)/g)].map(([file]) => file);
  for (const file of named) t.ok(existsSync(file), file);
  for (const name of ['canaries', 'hostile-bodies', 'injection'])
    t.ok(named.includes(`test/security/${name}.test.ts`), name);
});
