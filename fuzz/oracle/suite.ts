import { startServer } from '../service.js';
import type { Suite } from '../suite.js';
import { checkClient } from './client.js';
import { checkPrism, checkThroughPrism } from './prism.js';

/** Checks the server against its OpenAPI document with foreign tools: Prism as a proxy, and a generated client. */
export const oracle: Suite = {
  summary: 'Prism as a proxy, and a second generated client: neither finds a violation of openapi.yaml',
  isTimed: false,
  async run({ seed, log }) {
    log(`Prism refuses ${await checkPrism()} violations`);
    const server = await startServer();
    try {
      const proxied = await checkThroughPrism(server.url, seed);
      log(`Prism forwards ${proxied} calls and their answers`);
      const called = await checkClient(server.url, seed);
      return `${proxied} calls through Prism, ${called} calls of a generated client`;
    } finally {
      await server.stop();
    }
  },
};
