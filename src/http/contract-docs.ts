import type { FastifyInstance } from 'fastify';
import { buildDocsApp } from './docs-app.js';
import { describeContract } from './openapi.js';

/** Builds the app that carries the published contract and its page at `/docs`. */
export function buildContractDocs(): Promise<FastifyInstance> {
  return buildDocsApp({ path: '/docs', title: 'Describe Artifact Details', isOpen: true, describe: describeContract });
}
