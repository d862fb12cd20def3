import type { FastifyPluginAsync } from 'fastify';
import { NAME, VERSION } from '../util/package.js';
import { sendJson } from './error-handler.js';
import { HOME_POLICY, renderHome } from './home-page.js';
import { formatExample, type Overview } from './overview.js';

export interface HomeOptions {
  readOverview(): Overview;
  /** Whether the admin API is on. */
  hasAdmin: boolean;
}

/** The answer of `GET /`. */
export interface Home {
  name: string;
  version: string;
  description: string;
  serves: Pick<Overview, 'registries' | 'artifacts' | 'versions' | 'versionsByType'>;
  /** A request that gets a 200; absent if no version does. */
  example?: { target: string; curl: string; keyName?: string | undefined };
  links: { docs: string; openapi: string; health: string; ready: string; admin?: string };
}

const DESCRIPTION = 'Mock server of one call of the Harness Artifact Registry: Describe Artifact Details';

/** What can stand in a URL and in single quotes. */
const SAFE_HOST = /^[\w.:[\]-]+$/;

/** `GET /`: a page for browsers, JSON for other clients. `/favicon.ico`: the icon of the page. Neither needs a key. */
export const homeRoutes: FastifyPluginAsync<HomeOptions> = async (app, { readOverview, hasAdmin }) => {
  const describe = (host: string): Home => {
    const { example, keyName, ...serves } = readOverview();
    const target = example && formatExample(example);
    const curl = `curl -H "x-api-key: $HARNESS_API_KEY" 'http://${host}${target}'`;
    return {
      name: NAME,
      version: VERSION,
      description: DESCRIPTION,
      serves,
      ...(target !== undefined && { example: { target, curl, keyName } }),
      links: {
        docs: '/docs',
        openapi: '/openapi.json',
        health: '/healthz',
        ready: '/readyz',
        ...(hasAdmin && { admin: '/__admin/docs' }),
      },
    };
  };

  app.get('/', (request, reply) => {
    const { host = '', accept = '' } = request.headers;
    const home = describe(SAFE_HOST.test(host) ? host : `localhost:${request.socket.localPort}`);
    reply.header('vary', ['Accept', reply.getHeader('vary')].filter(Boolean).join(', '));
    if (!prefersHtml(accept)) return sendJson(reply, JSON.stringify(home));
    reply.headers({ 'content-type': 'text/html; charset=utf-8', ...HOME_POLICY }).send(renderHome(home));
  });
  app.get('/favicon.ico', (_request, reply) => {
    reply.type('image/svg+xml').send(ICON);
  });
};

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
  '<path fill="#0278d5" d="M8 0l7 4v8l-7 4-7-4V4z"/><path fill="none" stroke="#fff" d="M4 6l4 2 4-2M8 8v5"/></svg>';

/** Whether an Accept header prefers HTML to JSON (RFC 9110, 12.5.1). */
export function prefersHtml(accept: string): boolean {
  const weights = new Map<string, number>();
  for (const range of accept.toLowerCase().split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(type, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  const weigh = (type: string, group: string) => weights.get(type) ?? weights.get(group) ?? weights.get('*/*') ?? 0;
  return weigh('text/html', 'text/*') > weigh('application/json', 'application/*');
}
