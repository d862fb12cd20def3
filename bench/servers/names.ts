/** The compared servers, this one first. */
export const SERVER_NAMES = ['mock', 'node', 'fastify', 'prism', 'mockoon', 'wiremock'] as const;

export type ServerName = (typeof SERVER_NAMES)[number];

/** The servers that need only the packages of the project. */
export const LIGHT_SERVERS: readonly ServerName[] = ['mock', 'node', 'fastify'];

/** The server that the others are compared with. */
export const BASELINE: ServerName = 'node';

/** The server that the times to start are compared with. */
export const START_BASELINE: ServerName = 'fastify';
