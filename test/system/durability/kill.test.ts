import t from 'tap';
import { killRounds } from './kill.js';

const ROUNDS = 3;

t.test('after kill -9 at any moment of a change, a store is in the state before or after it', async (t) => {
  const seed = Date.now() % 2 ** 32;
  t.comment(`seed ${seed}`);
  const kills = await killRounds(ROUNDS, seed, (line) => t.comment(line), 500);
  t.strictSame(
    kills.map(({ change, before, after }) => [change, before + after]),
    ['seeding', 'reload', 'merge', 'reset'].map((change) => [change, ROUNDS]),
  );
});
