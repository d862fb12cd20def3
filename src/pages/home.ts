import { createHash } from 'node:crypto';
import type { FastifyPluginAsync } from 'fastify';
import { sendJson } from '../api/error-handler.js';
import { NAME, VERSION } from '../util/package.js';
import { count } from '../util/text.js';
import { urlOf } from './docs.js';
import { findTrial, formatTarget, type PageOptions } from './examples.js';

/** `GET /`: a page for browsers, JSON for other clients. `/favicon.ico`: the icon of the page. Neither needs a key. */
export const homeRoutes: FastifyPluginAsync<PageOptions> = async (app, options) => {
  app.get('/', (request, reply) => {
    const home = describe(urlOf(request), options);
    reply.header('vary', ['Accept', reply.getHeader('vary')].filter(Boolean).join(', '));
    if (!isBrowser(request.headers.accept)) return sendJson(reply, JSON.stringify(home));
    reply.headers({ 'content-type': 'text/html; charset=utf-8', ...POLICY }).send(render(home));
  });
  app.get('/favicon.ico', (_request, reply) => {
    reply.type('image/svg+xml').send(ICON);
  });
};

/** Describes the server; without an example if nothing that is served answers 200. */
function describe(url: string, options: PageOptions) {
  const { registries, artifacts, versions, versionsByPackageType } = options.store.summarise();
  const versionsByType = Object.fromEntries(versionsByPackageType.map((row) => [row.packageType, row.versions]));
  const trial = findTrial(options);
  const target = trial && formatTarget(trial.request);
  const curl = `curl -H "x-api-key: $HARNESS_API_KEY" '${url}${target}'`;
  const admin = options.hasAdmin ? '/__admin/docs' : undefined;
  return {
    name: NAME,
    version: VERSION,
    description: 'Mock server of one call of the Harness Artifact Registry: Describe Artifact Details',
    serves: { registries, artifacts, versions, versionsByType },
    example: trial && { target, curl, keyName: trial.keyName },
    links: { docs: '/docs', openapi: '/openapi.json', health: '/healthz', ready: '/readyz', admin },
  };
}

/** Whether an Accept header names HTML, as those of browsers do, and not JSON. */
export const isBrowser = (accept = ''): boolean => /text\/html/i.test(accept) && !/application\/json/i.test(accept);

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">' +
  '<path fill="#0278d5" d="M8 0l7 4v8l-7 4-7-4V4z"/><path fill="none" stroke="#fff" d="M4 6l4 2 4-2M8 8v5"/></svg>';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
small { font-weight: normal; opacity: 0.7; }
pre { background: light-dark(#f3f5f7, #22272b); border-radius: 6px; overflow-wrap: anywhere; padding: 0.8rem; white-space: pre-wrap; }
td { padding-right: 2rem; }
a { color: light-dark(#0063b0, #6cb8ff); }
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** Nothing but the page's own style and icon is loaded, and no other page may show it in a frame. */
const POLICY = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

function render({ name, version, description, serves, example, links }: ReturnType<typeof describe>): string {
  const rows = Object.entries(serves.versionsByType).map(([type, versions]) => `<tr><td>${type}<td>${versions}`);
  const key = example?.keyName === undefined ? '' : `, such as the one named <b>${escapeHtml(example.keyName)}</b>`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<style>${STYLE}</style>
<h1>${name} <small>${version}</small></h1>
<p>${description}
<h2>Try it</h2>
${example ? `<pre>${escapeHtml(example.curl)}</pre>\n<p>Set <code>HARNESS_API_KEY</code> to a key of the fixtures${key}.` : '<p>No version that is served answers 200.'}
<h2>Served</h2>
<p>${count(serves.versions, 'version')} of ${count(serves.artifacts, 'artifact')} in ${count(serves.registries, 'registry', 'registries')}
<table>${rows.join('')}</table>
<h2>More</h2>
<ul>
<li><a href="${links.docs}">Docs of the call</a>, where you can send requests
<li><a href="${links.openapi}">OpenAPI document</a>
<li>${links.admin ? `<a href="${links.admin}">Admin API</a>: faults, journal, data` : 'The admin API is off; --admin-token enables it'}
</ul>
`;
}
