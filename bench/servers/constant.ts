import { programFile, readPackageVersion } from '../files.js';
import { FOUND_BODY, makeWorkload, makeWorkloads, ROWS, type Workloads } from '../workloads.js';
import type { Preparer, Server } from './server.js';

/** Prepares a bare `node:http` server that sends the same body to any request. It has every row, for comparison. */
export const prepareNode: Preparer = ({ lists: { published } }) => {
  const { status, contains } = makeWorkload('distinct', published);
  const workloads = Object.fromEntries(
    ROWS.map((row) => [row, { ...makeWorkload(row, published), status, contains }]),
  ) as Workloads;
  return makeConstant('node', 'node-http.mjs', workloads, {
    title: 'bare node:http',
    version: process.versions.node,
    note: 'sends the same 200 to any request, in the rows of errors too',
  });
};

/** Prepares a bare Fastify server that does the same. */
export const prepareFastify: Preparer = ({ lists: { published } }) =>
  makeConstant('fastify', 'fastify.mjs', makeWorkloads(['distinct', 'repeated'], published), {
    title: 'bare Fastify',
    version: readPackageVersion('fastify'),
    note: 'one route, which sends the same 200 to any request: it has no keys, sessions or errors to measure',
  });

function makeConstant(
  name: string,
  program: string,
  workloads: Workloads,
  rest: Pick<Server, 'title' | 'version' | 'note'>,
): Server[] {
  const command = (port: number) => [process.execPath, programFile(program), String(port), FOUND_BODY];
  return [{ name, command, workloads, first: { path: '/', headers: {}, status: 200, contains: FOUND_BODY }, ...rest }];
}
