import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { strict } from '../api/schema.js';
import { type DocumentPath, ValidationError } from '../util/validate.js';

const JSON_TYPE = 'application/json';
const HTML = 'text/html';
const HTML_UTF8 = 'text/html; charset=UTF-8';

/** The scope of a registry, by the components of its ref. */
interface Scope {
  accountIdentifier: string;
  orgIdentifier: string | null;
  projectIdentifier: string | null;
}

const refuse = (code: string, message: string) =>
  JSON.stringify({
    status: 'ERROR',
    code,
    message,
    correlationId: null,
    detailedMessage: null,
    responseMessages: [{ code, level: 'ERROR', message, exception: null, failureTypes: [] }],
    metadata: null,
  });

function denyAccess(resourceScope: Scope, resourceIdentifier: string): string {
  const permission = 'artifact_artregistry_view';
  const resourceType = 'ARTIFACT_REGISTRY';
  return JSON.stringify({
    status: 'ERROR',
    code: 'NG_ACCESS_DENIED',
    message: `Missing permission ${permission} on ${resourceType} with identifier ${resourceIdentifier}`,
    correlationId: randomUUID(),
    detailedMessage: null,
    responseMessages: [],
    metadata: null,
    failedPermissionChecks: [{ resourceScope, resourceType, resourceIdentifier, permission }],
  });
}

const armor = (status: string) =>
  '<!doctype html><meta charset="utf-8"><meta name=viewport content="width=device-width, initial-scale=1">' +
  `<title>${status.slice(0, 3)}</title>${status}`;

const LOGIN_PAGE =
  '<!doctype html><html><head><meta charset="utf-8"><title>Harness</title>' +
  '<script>window.location.href = "auth/#/signin";</script></head><body></body></html>';

const NGINX_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n' +
  '<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

/** The answers of the hosted front instead of the envelope (source: clients). */
const GATEWAY = {
  invalidToken: [401, JSON_TYPE, () => refuse('INVALID_TOKEN', 'Token is not valid.')],
  expiredToken: [401, JSON_TYPE, () => refuse('EXPIRED_TOKEN', 'Token expired.')],
  accessDenied: [403, JSON_TYPE, denyAccess],
  armor403: [403, HTML_UTF8, () => armor('403 Forbidden')],
  armor429: [429, HTML_UTF8, () => armor('429 Too Many Requests')],
  loginPage: [401, HTML, () => LOGIN_PAGE],
  loginPage200: [200, HTML, () => LOGIN_PAGE],
  badGateway200: [200, HTML, () => '<html><body><h1>502 Bad Gateway</h1></body></html>'],
  badGateway: [502, HTML, () => NGINX_PAGE],
} as const satisfies Record<string, [number, string, (scope: Scope, registry: string) => string]>;

/** The name of an answer of the hosted front. */
export type GatewayName = keyof typeof GATEWAY;

export const GATEWAY_NAMES = Object.keys(GATEWAY) as GatewayName[];

/** An answer that replaces the call's own. */
export interface ForeignAnswer {
  status: number;
  /** The media type; none without a body. */
  type?: string | undefined;
  headers?: Record<string, string> | undefined;
  body: string;
}

/** Returns an answer of the hosted front to a request for a registry. */
export function gatewayAnswer(name: GatewayName, ref: string): ForeignAnswer {
  const [status, type, render] = GATEWAY[name];
  const components = ref.split('/');
  const registry = components.pop() as string;
  const [accountIdentifier = '', orgIdentifier = null, projectIdentifier = null] = components;
  return { status, type, body: render({ accountIdentifier, orgIdentifier, projectIdentifier }, registry) };
}

/** The longest body of a raw answer, in characters, and the longest value of a header. */
const MAX_BODY = 65_536;
const MAX_VALUE = 1_024;

const MEDIA_TYPE = "^[\\w!#$%&'*+.^`|~-]+/[\\w!#$%&'*+.^`|~-]+(?:;[\\t -~]*)?$";

/** An answer of any kind. */
export interface Raw {
  status: number;
  /** `text/plain; charset=utf-8` unless given; none without a body. */
  contentType?: string;
  headers?: Record<string, string>;
  body?: string;
}

const rawProperties = {
  status: Type.Integer({ minimum: 200, maximum: 599, description: 'the HTTP status, from 200 to 599' }),
  contentType: Type.Optional(
    Type.String({
      maxLength: MAX_VALUE,
      pattern: MEDIA_TYPE,
      description: 'the media type; text/plain; charset=utf-8 unless given',
    }),
  ),
  headers: Type.Optional(
    Type.Record(
      Type.String(),
      Type.String({
        maxLength: MAX_VALUE,
        pattern: '^(?:[!-~](?:[\\t -~]*[!-~])?)?$',
        description: `the value of a header, up to ${MAX_VALUE} printable ASCII characters`,
      }),
      { maxProperties: 50, description: 'a mapping of up to 50 headers' },
    ),
  ),
  body: Type.Optional(
    Type.String({ maxLength: MAX_BODY, description: `the body, a string of up to ${MAX_BODY} characters` }),
  ),
};

/** The schema of an answer of any kind (source: our decision). */
export const RawSchema = Type.Unsafe<Raw>(
  Type.Object(rawProperties, {
    ...strict,
    description: 'a whole answer, as a mapping: status, contentType, headers, body',
  }),
);

/** Headers that Node or this server sets. */
const OWN_HEADERS = [
  ...['connection', 'content-length', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'x-request-id'],
];

/** A token (RFC 9110, 5.6.2) that Fastify does not lose. */
const IS_HEADER = /^(?!__proto__$)[\w!#$%&'*+.^`|~-]{1,256}$/;

/** Statuses whose answers have no body (RFC 9110, 15). */
const BODILESS = [204, 205, 304];

/** Throws a ValidationError for headers that the server sets, and for a body with a status that allows none. */
export function checkRaw({ status, headers = {}, body = '' }: Raw, path: DocumentPath): void {
  const names = Object.keys(headers);
  for (const name of names) {
    const reject = (reason: string): never => {
      throw new ValidationError([...path, 'headers', name], reason);
    };
    const lower = name.toLowerCase();
    if (!IS_HEADER.test(name)) reject('is not the name of a header: up to 256 letters, digits and -');
    if (lower === 'content-type') reject('set contentType instead');
    if (OWN_HEADERS.includes(lower)) reject('is set by the server; remove it');
    if (names.some((other) => other !== name && other.toLowerCase() === lower)) reject('is there twice; remove one');
  }
  const isEmpty = BODILESS.includes(status);
  if (isEmpty && body !== '') throw new ValidationError([...path, 'body'], `a ${status} has no body; remove it`);
}

/** Converts a valid raw answer, and adds the default media type. */
export function rawAnswer({ status, headers, body = '', contentType }: Raw): ForeignAnswer {
  const type = contentType ?? (body === '' ? undefined : 'text/plain; charset=utf-8');
  return { status, type: BODILESS.includes(status) ? undefined : type, headers, body };
}
