import type { Random } from '../random.js';
import { type Delay, MOST_DELAY } from './fault.js';

/** Draws how long an answer waits, in whole milliseconds. */
export function drawDelay(delay: Delay, random: Random): number {
  if (typeof delay === 'number') return delay;
  if ('min' in delay) return delay.min + Math.floor(random() * (delay.max - delay.min + 1));
  return Math.min(MOST_DELAY, Math.round(delay.median * Math.exp(delay.sigma * drawNormal(random))));
}

/** Draws from the standard normal distribution, by the method of Box and Muller. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
