import t from 'tap';
import { drawDelay } from '../../src/faults/delay.js';
import { MOST_DELAY } from '../../src/faults/fault.js';

t.test('draws what the delay says', async (t) => {
  const rows: [Parameters<typeof drawDelay>[0], random: number, expected: number][] = [
    [250, 0.5, 250],
    [{ min: 100, max: 500 }, 0, 100],
    [{ min: 100, max: 500 }, 0.5, 300],
    [{ min: 100, max: 500 }, 1 - Number.EPSILON, 500],
    [{ median: 100, sigma: 0 }, 0.5, 100],
    [{ median: 100, sigma: 1 }, 0, 100],
    [{ median: MOST_DELAY, sigma: 5 }, 1 - Number.EPSILON, MOST_DELAY],
  ];
  for (const [delay, random, expected] of rows) {
    t.equal(
      drawDelay(delay, () => random),
      expected,
      JSON.stringify([delay, random]),
    );
  }
});

t.test('a log-normal delay has its median', async (t) => {
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const drawn = Array.from({ length: 10_001 }, () => drawDelay({ median: 1000, sigma: 0.5 }, random)).sort(
    (a, b) => a - b,
  );
  const median = drawn[5000] as number;
  t.ok(Math.abs(median - 1000) < 50, String(median));
  t.ok((drawn[9900] as number) > 2500, 'its tail is long');
});
