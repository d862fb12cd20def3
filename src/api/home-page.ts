import { createHash } from 'node:crypto';
import { count } from '../util/text.js';
import type { Home } from './home.js';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 46rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h1 small { font-weight: normal; opacity: 0.7; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
pre { background: light-dark(#f3f5f7, #22272b); border-radius: 6px; overflow-wrap: anywhere; padding: 0.8rem; white-space: pre-wrap; }
td { padding: 0 2rem 0 0; }
td + td { text-align: right; }
a { color: light-dark(#0063b0, #6cb8ff); }
`;

const styleHash = createHash('sha256').update(STYLE).digest('base64');

/** Headers of the page: nothing but its own style and icon is loaded, and no other page may show it in a frame. */
export const HOME_POLICY = {
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

/** Rendered HTML; other values in a template are escaped. */
type Html = string[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function html(texts: TemplateStringsArray, ...values: (string | number | Html)[]): Html {
  const rendered = values.map((value) =>
    Array.isArray(value)
      ? value.join('')
      : String(value).replace(/[&<>"']/g, (character) => ESCAPES[character] as string),
  );
  return [String.raw({ raw: texts }, ...rendered)];
}

/** Renders the page at `/`. */
export function renderHome({ name, version, description, serves, example, links }: Home): string {
  const rows = Object.entries(serves.versionsByType).flatMap(([type, number]) => html`<tr><td>${type}<td>${number}`);
  const registries = count(serves.registries, 'registry', 'registries');
  const admin = links.admin
    ? html`<a href="${links.admin}">Admin API</a>: faults, journal, data`
    : 'The admin API is off; --admin-token enables it';
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${name}</title>
<style>${[STYLE]}</style>
<h1>${name} <small>${version}</small></h1>
<p>${description}
<h2>Try it</h2>
${renderExample(example)}
<h2>Served</h2>
<p>${count(serves.versions, 'version')} of ${count(serves.artifacts, 'artifact')} in ${registries}
<table>${rows}</table>
<h2>More</h2>
<ul>
<li><a href="${links.docs}">Docs of the call</a>, where you can send requests
<li><a href="${links.openapi}">OpenAPI document</a>
<li>${admin}
</ul>
`.join('');
}

function renderExample(example: Home['example']): Html {
  if (example === undefined) return html`<p>No version that is served answers 200.`;
  const key = example.keyName ? html`, such as the one named <b>${example.keyName}</b>` : '';
  return html`<pre>${example.curl}</pre>
<p>Set <code>HARNESS_API_KEY</code> to a key of the fixtures${key}.`;
}
