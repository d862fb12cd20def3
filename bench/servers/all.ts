import { prepareFastify, prepareNode } from './constant.js';
import { prepareMock } from './mock.js';
import { prepareMockoon } from './mockoon.js';
import type { ServerName } from './names.js';
import { preparePrism } from './prism.js';
import type { Preparer } from './server.js';
import { prepareWiremock } from './wiremock.js';

/** How each server is prepared. */
export const preparers: Record<ServerName, Preparer> = {
  mock: prepareMock,
  node: prepareNode,
  fastify: prepareFastify,
  prism: preparePrism,
  mockoon: prepareMockoon,
  wiremock: prepareWiremock,
};
