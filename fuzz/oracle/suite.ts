import { startServer } from '../server.js';
import type { Context, Suite } from '../suite.js';
import { requireClient } from './client.js';
import { requireNoViolation, requireObjections } from './proxied.js';

/** Lets others judge the server by its OpenAPI document: Prism as a proxy, and a client that is generated from it. */
export const oracle: Suite = {
  summary: 'Prism as a proxy, and a second generated client: neither finds what violates openapi.yaml',
  isEndless: false,
  async run({ seed, say }: Context) {
    const objections = await requireObjections();
    say(`Prism objects to ${objections} violations that it is shown`);
    const server = await startServer();
    try {
      const proxied = await requireNoViolation(server.url, seed);
      say(`Prism passes on ${proxied} requests and their answers`);
      const called = await requireClient(server.url, seed);
      return `${proxied} requests through Prism, ${called} calls of a generated client`;
    } finally {
      await server.stop();
    }
  },
};
