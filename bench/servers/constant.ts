import { HIT_BODY, makeRequests, PUBLISHED } from '../answers.js';
import { programFile, readPackageVersion } from '../files.js';
import type { Preparer, Server } from './server.js';

/** Prepares a bare `node:http` server that writes the bytes of a hit whatever it is asked. */
export const prepareNode: Preparer = (name) => ({
  ...makeConstant(name, 'node-http.mjs'),
  title: 'bare node:http',
  version: process.versions.node,
  note: 'the limit: the same bytes for any request, and no look at it',
});

/** Prepares a bare Fastify server that does the same. */
export const prepareFastify: Preparer = (name) => ({
  ...makeConstant(name, 'fastify.mjs'),
  title: 'bare Fastify',
  version: readPackageVersion('fastify'),
  note: 'the same bytes for any request',
});

function makeConstant(name: string, program: string): Pick<Server, 'name' | 'command' | 'requests'> {
  const { hit } = makeRequests(PUBLISHED);
  return {
    name,
    command: (port) => [process.execPath, programFile(program), String(port), HIT_BODY],
    requests: { hit },
  };
}
