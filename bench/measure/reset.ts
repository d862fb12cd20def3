import { performance } from 'node:perf_hooks';
import { ask, type Message } from '../ask.js';
import { median } from '../statistics.js';

const VERSION = { version: '1.0.0', size: 1 };
const FIXTURE = {
  registries: [{ ref: 'acme/bench', packageType: 'GENERIC', artifacts: [{ name: 'a', versions: [VERSION] }] }],
};

/** Changes the data of a running server and resets it, so many times; returns the median of a reset in milliseconds. */
export async function measureReset(url: string, times: number): Promise<number> {
  const resets: number[] = [];
  for (let time = 0; time < times; time += 1) {
    await require2xx(url, { method: 'PUT', path: '/__admin/fixtures', body: FIXTURE });
    const begin = performance.now();
    await require2xx(url, { method: 'POST', path: '/__admin/reset' });
    resets.push(performance.now() - begin);
  }
  return median(resets);
}

async function require2xx(url: string, message: Message): Promise<void> {
  const { status, text } = await ask(url, message);
  if (status >= 300) throw new Error(`${message.method} ${message.path}: ${status} ${text}`);
}
