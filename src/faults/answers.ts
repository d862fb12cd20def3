import { randomUUID } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { optionalString, strict } from '../api/schema.js';
import { type DocumentPath, ValidationError } from '../util/validate.js';

/** The longest body of a raw answer, in characters, and the longest value of a header. */
const MAX_BODY = 65_536;
const MAX_VALUE = 1_024;

const MEDIA_TYPE = "^[\\w!#$%&'*+.^`|~-]+/[\\w!#$%&'*+.^`|~-]+(?:;[\\t -~]*)?$";

/** The schema of an answer of any kind (source: our decision). */
export const RawSchema = Type.Object(
  {
    status: Type.Integer({ minimum: 200, maximum: 599, description: 'the HTTP status, from 200 to 599' }),
    contentType: optionalString('the media type; text/plain; charset=utf-8 unless given', {
      maxLength: MAX_VALUE,
      pattern: MEDIA_TYPE,
    }),
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
    body: optionalString(`the body, a string of up to ${MAX_BODY} characters`, { maxLength: MAX_BODY }),
  },
  { ...strict, description: 'a whole answer, as a mapping: status, contentType, headers, body' },
);

/** An answer that replaces the call's own. */
export type Raw = Static<typeof RawSchema>;

/** A token (RFC 9110, 5.6.2) that Fastify does not lose. */
const IS_HEADER = /^(?!__proto__$)[\w!#$%&'*+.^`|~-]{1,256}$/;

/** Headers that Node or this server sets. */
const OWN_HEADER =
  /^(?:(?:proxy-)?connection|content-length|keep-alive|te|trailer|transfer-encoding|upgrade|x-request-id)$/i;

/** Statuses whose answers have no body (RFC 9110, 15). */
const BODILESS = [204, 205, 304];

/** Throws a ValidationError for headers that the server sets, and for a body with a status that allows none. */
export function checkRaw({ status, headers = {}, body = '' }: Raw, path: DocumentPath): void {
  const names = Object.keys(headers);
  for (const name of names) {
    const reject = (reason: string): never => {
      throw new ValidationError([...path, 'headers', name], reason);
    };
    const isName = (other: string) => other.toLowerCase() === name.toLowerCase();
    if (!IS_HEADER.test(name)) reject('is not the name of a header: up to 256 letters, digits and -');
    if (isName('content-type')) reject('set contentType instead');
    if (OWN_HEADER.test(name)) reject('is set by the server; remove it');
    if (names.filter(isName).length > 1) reject('is there twice; remove one');
  }
  if (body !== '' && BODILESS.includes(status)) {
    throw new ValidationError([...path, 'body'], `a ${status} has no body; remove it`);
  }
}

/** What the hosted front says about a key. */
const refusal = (code: string, message: string) => ({
  status: 'ERROR',
  code,
  message,
  correlationId: null,
  detailedMessage: null,
  responseMessages: [{ code, level: 'ERROR', message, exception: null, failureTypes: [] }],
  metadata: null,
});

/** What the hosted front says about a registry that the key may not view. */
function denial(ref: string) {
  const components = ref.split('/');
  const resourceIdentifier = components.pop();
  const [accountIdentifier, orgIdentifier = null, projectIdentifier = null] = components;
  const resourceScope = { accountIdentifier, orgIdentifier, projectIdentifier };
  const permission = 'artifact_artregistry_view';
  const resourceType = 'ARTIFACT_REGISTRY';
  const message = `Missing permission ${permission} on ${resourceType} with identifier ${resourceIdentifier}`;
  return {
    ...refusal('NG_ACCESS_DENIED', message),
    correlationId: randomUUID(),
    responseMessages: [],
    failedPermissionChecks: [{ resourceScope, resourceType, resourceIdentifier, permission }],
  };
}

/** Returns an answer in JSON. */
export function json(status: number, body: object): Raw {
  return { status, contentType: 'application/json', body: JSON.stringify(body) };
}

const html = (status: number, body: string, contentType = 'text/html'): Raw => ({ status, contentType, body });

const armor = (status: number, words: string) =>
  html(
    status,
    '<!doctype html><meta charset="utf-8"><meta name=viewport content="width=device-width, initial-scale=1">' +
      `<title>${status}</title>${status} ${words}`,
    'text/html; charset=UTF-8',
  );

const LOGIN_PAGE =
  '<!doctype html><html><head><meta charset="utf-8"><title>Harness</title>' +
  '<script>window.location.href = "auth/#/signin";</script></head><body></body></html>';

const NGINX_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n' +
  '<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

/** The answers of the hosted front instead of the envelope, to a request for a registry (source: clients). */
export const GATEWAY = {
  invalidToken: () => json(401, refusal('INVALID_TOKEN', 'Token is not valid.')),
  expiredToken: () => json(401, refusal('EXPIRED_TOKEN', 'Token expired.')),
  accessDenied: (ref) => json(403, denial(ref)),
  armor403: () => armor(403, 'Forbidden'),
  armor429: () => armor(429, 'Too Many Requests'),
  loginPage: () => html(401, LOGIN_PAGE),
  loginPage200: () => html(200, LOGIN_PAGE),
  badGateway200: () => html(200, '<html><body><h1>502 Bad Gateway</h1></body></html>'),
  badGateway: () => html(502, NGINX_PAGE),
} satisfies Record<string, (ref: string) => Raw>;

/** The name of an answer of the hosted front. */
export type GatewayName = keyof typeof GATEWAY;

export const GATEWAY_NAMES = Object.keys(GATEWAY) as GatewayName[];
