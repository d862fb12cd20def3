/** The servers that are compared, this one first and the limit second. */
export const SERVER_NAMES = ['mock', 'node', 'fastify', 'prism', 'mockoon', 'wiremock'] as const;

/** A server that is compared. */
export type ServerName = (typeof SERVER_NAMES)[number];

/** Those that need nothing but the project's own packages. */
export const LIGHT_SERVERS: readonly ServerName[] = ['mock', 'node', 'fastify'];

/** The server that others are measured by. */
export const LIMIT: ServerName = 'node';
