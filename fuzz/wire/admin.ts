import { type Arbitrary, array, constantFrom, nat, oneof, option, tuple } from 'fast-check';
import { operations } from '../../src/admin/operations.js';
import type { Message } from './conversation.js';
import { lines } from './headers.js';
import { binary } from './messages.js';
import { writeRequest } from './request.js';
import { mutatedTarget, realTarget, splice } from './targets.js';

const urls = [...new Set(Object.values(operations).map(({ url }) => url))];

const url = oneof(
  constantFrom(...urls),
  tuple(constantFrom(...urls), constantFrom('/', '/1', '/x', '/%00', '//', '/..', '/__proto__')).map(
    ([url, more]) => url + more,
  ),
).map((url) => url.replace(':id', '1'));

const parameter = oneof(
  constantFrom(
    'timeout=0',
    'timeout=20',
    'timeout=0&count=9',
    'limit=3',
    'limit=0',
    'limit=1e3',
    'since=1',
    'since=-1',
  ),
  constantFrom(
    'status=200',
    'status=x',
    'session=a',
    'session=',
    'artifact=*',
    'artifact=%2A%2A%2A%2Aa',
    'ref=acme/pypi',
  ),
  constantFrom(
    'ref=acme%2Fpypi',
    'ref=',
    'version=1.25.3',
    'artifact=library/nginx',
    'artifact_type=model',
    '__proto__=1',
  ),
  tuple(constantFrom('target', 'key', 'method', 'ref'), oneof(realTarget, mutatedTarget)).map(
    ([name, text]) => `${name}=${text}`,
  ),
  tuple(constantFrom('target', 'key', 'method', 'x'), oneof(realTarget, mutatedTarget)).map(
    ([name, text]) => `${name}=${encodeURIComponent(text)}`,
  ),
);

const bodies = [
  '{"match":{"artifact":"library/*"},"fault":{"code":418},"times":2}',
  '{"match":{"ref":"*","session":"a","key":"developer","method":"GET"},"percentage":50,"fault":{"status":"ERROR"}}',
  '{"sequence":[{"code":418,"details":{"__proto__":{"a":1}}},"pass"]}',
  '{"requests":[{"match":{"artifact":"library/*","status":200},"atLeast":0,"atMost":9}]}',
  '{"registries":[{"ref":"fuzz/go","packageType":"GO","artifacts":[{"name":"a/b","versions":[{"version":"1","size":1}]}]}]}',
  'registries:\n  - ref: fuzz/images\n    packageType: DOCKER\n    artifacts:\n      - name: &a x\n        versions: [{ version: *a, extra: { y: [1] } }]\n',
  'a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n',
  `${'['.repeat(5_000)}`,
  '{"__proto__":{"fault":1},"constructor":{"prototype":{}}}',
  '',
];

/** A body, with some of its characters replaced. */
const body = tuple(constantFrom(...bodies), array(tuple(nat(), nat({ max: 9 }), binary(4)), { maxLength: 2 })).map(
  ([text, edits]) => edits.reduce((edited, edit) => splice(edited, ...edit), text),
);

const type = constantFrom('application/json', 'application/yaml', 'text/plain', 'application/json; charset=x', '');

/** A well-formed request of the admin API. It may change the server's data. */
export const adminRequest: Arbitrary<Message> = tuple(
  constantFrom('GET', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
  url,
  array(parameter, { maxLength: 3 }),
  lines,
  type,
  option(body, { nil: '' }),
).map(([method, url, parameters, lines, type, body]) =>
  writeRequest({
    method,
    target: [url, inTime(url, parameters).join('&')].filter((part) => part !== '').join('?'),
    lines: type === '' ? lines.slice(0, 9) : [...lines.slice(0, 9), `Content-Type: ${type}`],
    body,
  }),
);

/** Gives waits a short timeout; the default takes seconds. */
const inTime = (url: string, parameters: string[]): string[] =>
  url.includes('/wait') ? ['timeout=5', ...parameters.filter((text) => !text.startsWith('timeout'))] : parameters;

/** Undoes all changes. */
export const reset: Message = { ...writeRequest({ method: 'POST', target: '/__admin/reset' }), statuses: [204] };
