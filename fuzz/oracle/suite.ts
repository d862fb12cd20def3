import { startServer } from '../service.js';
import type { Suite } from '../suite.js';
import { checkClient } from './client.js';

/** Checks the server against its OpenAPI document with a client that a foreign tool generates. */
export const oracle: Suite = {
  summary: 'a second generated client finds no violation of openapi.yaml',
  isTimed: false,
  async run({ seed }) {
    const server = await startServer();
    try {
      return `${await checkClient(server.url, seed)} calls of a generated client`;
    } finally {
      await server.stop();
    }
  },
};
