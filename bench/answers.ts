/** What is asked for, by the answer that is due; a first hit is one that has not been answered before. */
export const ANSWERS = ['hit', 'first hit', '404', '401', '400'] as const;

/** One of the answers that are measured. */
export type Answer = (typeof ANSWERS)[number];

/** The answers that a peer can be taught, too. */
export type CommonAnswer = Exclude<Answer, 'first hit'>;

/** A request, and the answer that it must get to be counted. */
export interface Request {
  path: string;
  headers: Record<string, string>;
  status: number;
  body: unknown;
}

/** What a server can be asked; a server that has no such answer is not asked for it. */
export type Requests = { hit: Request } & Partial<Record<Answer, Request>>;

/** The version of the bundled fixtures that is asked for. */
const VERSION = '1.25.3';

/** The body of a hit, byte for byte as this server writes it. */
export const HIT_BODY = JSON.stringify({
  status: 'SUCCESS',
  data: {
    version: VERSION,
    packageType: 'DOCKER',
    name: 'library/nginx',
    size: '69.56MB',
    createdAt: '1704067200000',
    createdBy: 'admin@example.com',
    modifiedAt: '1704153600000',
    downloadCount: 42,
    isQuarantined: false,
    pullCommand: 'docker pull pkg.example.com/acme/images/library/nginx:1.25.3',
  },
});

/** The bodies of the answers, as this server gives them. */
export const BODIES: Record<CommonAnswer, unknown> = {
  hit: JSON.parse(HIT_BODY),
  '404': { code: '404', message: 'Artifact version not found' },
  '401': { code: '401', message: 'unauthorized' },
  '400': {
    code: '400',
    message: 'invalid parameter',
    details: { field: 'artifact_type', value: 'x', reason: 'must be given once and be exactly model or dataset' },
  },
};

/** Where the versions of the artifact are, in the spelling of the published page. */
export const PUBLISHED = '/har/api/v1/registry/acme/platform/web/images/+/artifact/library/nginx/+/version';

/** The same place for servers that take no slash in a path parameter. */
export const ENCODED =
  '/har/api/v1/registry/acme%2Fplatform%2Fweb%2Fimages%2F%2B/artifact/library%2Fnginx%2F%2B/version';

const KEY = { 'x-api-key': 'pat.acme.dev.local' };

/** Makes the requests for all answers that peers have, too; takes where the versions are. */
export function makeRequests(versions: string): Record<CommonAnswer, Request> {
  const hit = `${versions}/${VERSION}/details`;
  return {
    hit: { path: hit, headers: KEY, status: 200, body: BODIES.hit },
    '404': { path: `${versions}/0.0.0/details`, headers: KEY, status: 404, body: BODIES['404'] },
    '401': { path: hit, headers: {}, status: 401, body: BODIES['401'] },
    '400': { path: `${hit}?artifact_type=x`, headers: KEY, status: 400, body: BODIES['400'] },
  };
}
