import { isPortable } from '../../src/api/spelling.js';
import { findBadEscape, parseTarget } from '../../src/api/target.js';
import { type Comparison, isSame } from './corpus.js';

/** A deliberate difference between the open-source server and this one. */
export interface Difference {
  rule: string;
  theirs: string;
  ours: string;
  reason: string;
  mark: 'contract' | 'clients' | 'ours';
  matches(comparison: Comparison): boolean;
}

const isPortableCall = ({ target }: Comparison) => isPortable(parseTarget(target));

/** Whether the server decodes the path twice: it has a percent sign, and no escape that Go would not write. */
const isDecodedTwice = ({ target }: Comparison) => /%25/.test(target) && !/%(?:2F|3A)/i.test(target);

const isOtherCall = (comparison: Comparison) =>
  parseTarget(comparison.target).kind === 'call' && !isPortableCall(comparison) && !isDecodedTwice(comparison);

/** What the server says of a registry or a scope that does not exist. */
const isUnknownScope = ({ theirs: { status, message = '' } }: Comparison) =>
  status === 400 && /^(?:registry|root space|parent space) not found: /.test(message);

const isText = ({ theirs }: Comparison) =>
  /^(?:404 page not found|400 Bad Request|Invalid format for parameter .*)$/.test(theirs.message ?? '') ||
  (theirs.status === 405 && theirs.message === '');

/** Whether we answer with a status and a message. */
const answers = ({ ours }: Comparison, status: number, message: string) =>
  ours.status === status && ours.message === message;

const isInvalid = (comparison: Comparison) => answers(comparison, 400, 'invalid parameter');

const isRefused = (comparison: Comparison) =>
  answers(comparison, 401, 'unauthorized') || answers(comparison, 403, 'forbidden');

/** All deliberate differences. The first that matches a comparison is its difference. */
export const DIFFERENCES: Difference[] = [
  {
    rule: 'spellings',
    theirs: 'refuses markers with an escape, an encoded ref before `artifact/+`, needless escapes before `/+`',
    ours: 'all spellings of known clients are the same call; `--spellings portable` refuses these',
    reason: "the vendor's CLI and Python package send them to the hosted service",
    mark: 'clients',
    matches: (comparison) =>
      comparison.spellings === 'all' &&
      isOtherCall(comparison) &&
      (isText(comparison) || isUnknownScope(comparison) || comparison.theirs.message === 'Artifact not found') &&
      (comparison.ours.status === 200 ||
        /^(?:Registry|Artifact|Artifact version) not found$/.test(`${comparison.ours.message}`)),
  },
  {
    rule: 'refused spellings',
    theirs: 'reads an encoded marker as part of the name: 400 for a ref, 404 `Artifact not found` for an artifact',
    ours: '404 `Route not found` with `--spellings portable`',
    reason: 'the spelling is wrong, not the name',
    mark: 'ours',
    matches: (comparison) =>
      comparison.spellings === 'portable' &&
      isOtherCall(comparison) &&
      (isUnknownScope(comparison) || comparison.theirs.message === 'Artifact not found') &&
      answers(comparison, 404, 'Route not found'),
  },
  {
    rule: 'keys first',
    theirs: 'checks the registry, and parameters that are repeated, before the token: 400',
    ours: '401 without a valid key, 403 without a grant',
    reason: 'no one without a grant learns what exists',
    mark: 'ours',
    matches: (comparison) =>
      (isUnknownScope(comparison) || comparison.theirs.status === 400) &&
      isPortableCall(comparison) &&
      isRefused(comparison),
  },
  {
    rule: 'unknown registry',
    theirs: '400 `registry not found: …`, `parent space not found: …`',
    ours: '404 `Registry not found`',
    reason: 'the contract has a 404 for what does not exist',
    mark: 'contract',
    matches: (comparison) => isUnknownScope(comparison) && answers(comparison, 404, 'Registry not found'),
  },
  {
    rule: 'ref of 1 or of 5 components',
    theirs: '400 `parent reference is required`, `root space not found: …`; 200 for a registry in deeper scopes',
    ours: '400 `invalid parameter` with `details`',
    reason: 'a scope is an account, an organisation or a project; `details` name the parameter',
    mark: 'contract',
    matches: (comparison) =>
      (isUnknownScope(comparison) ||
        comparison.theirs.message === 'parent reference is required' ||
        (comparison.theirs.status === 200 && /\/registry\/(?:[^/]+\/){5}\+\//.test(comparison.target))) &&
      isInvalid(comparison),
  },
  {
    rule: 'invalid `artifact_type`',
    theirs: '400 `invalid package type`, on HUGGINGFACE `invalid artifact type for package type`',
    ours: '400 `invalid parameter` with `details`',
    reason: '`details` name the parameter',
    mark: 'ours',
    matches: (comparison) =>
      /^invalid (?:package type|artifact type for package type)$/.test(`${comparison.theirs.message}`) &&
      comparison.theirs.status === 400 &&
      isInvalid(comparison),
  },
  {
    rule: 'empty segments in a ref',
    theirs: 'drops them; 404 for one at the start',
    ours: '400 `invalid parameter`',
    reason: 'a path is not normalised',
    mark: 'ours',
    matches: (comparison) =>
      /\/\/(?!\+?\/?version)/.test(comparison.target) &&
      [200, 404].includes(comparison.theirs.status) &&
      isInvalid(comparison),
  },
  {
    rule: 'case of a scope',
    theirs: 'ignores the case of spaces',
    ours: '403 `forbidden`, or 404 `Registry not found`',
    reason: 'a path is not normalised',
    mark: 'ours',
    matches: (comparison) =>
      /\/(?:ACME|GLOBEX|platform_team)\//.test(comparison.target) &&
      comparison.theirs.status === 200 &&
      (answers(comparison, 403, 'forbidden') || answers(comparison, 404, 'Registry not found')),
  },
  {
    rule: 'number of a scope',
    theirs: 'accepts the internal number of a space as the first component',
    ours: '403 `forbidden`',
    reason: 'no client knows the number',
    mark: 'ours',
    matches: (comparison) =>
      /\/registry\/\d+(?:\/|%2F)/.test(comparison.target) &&
      comparison.theirs.status === 200 &&
      answers(comparison, 403, 'forbidden'),
  },
  {
    rule: 'percent signs in names',
    theirs:
      'decodes a path twice, unless it has an escape that Go would not write: `100%25` is 400, `%252F` is a slash',
    ours: 'decodes once; `--spellings portable` refuses these',
    reason: '`%252F` is the text `%2F`',
    mark: 'ours',
    matches: (comparison) => isDecodedTwice(comparison) && !isPortableCall(comparison),
  },
  {
    rule: 'invalid UTF-8 in the path',
    theirs: '404, or 400 for a scope, after a lookup',
    ours: '400 `malformed target`',
    reason: 'no name contains it',
    mark: 'ours',
    matches: (comparison) =>
      findBadEscape(comparison.target) !== undefined &&
      !isText(comparison) &&
      answers(comparison, 400, 'malformed target'),
  },
  {
    rule: 'raw letters beyond ASCII',
    theirs: '404, after a lookup',
    ours: '400 `malformed request`',
    reason: 'a URI has ASCII characters only (RFC 3986)',
    mark: 'ours',
    matches: (comparison) =>
      /[^ -~]/.test(comparison.target) &&
      comparison.theirs.status === 404 &&
      answers(comparison, 400, 'malformed request'),
  },
  {
    rule: 'a marker without a name',
    theirs: '`artifact/+` is the name `+`; for `artifact//+` it closes the connection',
    ours: '400 `invalid parameter`: the name is empty',
    reason: 'a marker is never a name',
    mark: 'ours',
    matches: (comparison) =>
      /\/artifact\/\/?\+\/version\//.test(comparison.target) &&
      [0, 404].includes(comparison.theirs.status) &&
      isInvalid(comparison),
  },
  {
    rule: 'DOCKER and HELM',
    theirs:
      '404 `Artifact version not found` for a tag and for a digest; 200 for `01` and the hex digits of a digest, with an empty `version` and `packageType`',
    ours: 'a version that a fixture has is found by its name; without one, 404 `Artifact not found`',
    reason: 'the contract has both package types',
    mark: 'contract',
    matches: (comparison) =>
      /\/(?:acme|globex)\/(?:docker|helm)\/\+\//.test(comparison.target) &&
      answers(comparison, 404, 'Artifact not found'),
  },
  {
    rule: 'HEAD',
    theirs: '405',
    ours: 'the answer to GET, without its body',
    reason: 'proxies and probes send it (RFC 9110)',
    mark: 'ours',
    matches: ({ method, theirs, ours }) => method === 'HEAD' && theirs.status === 405 && ours.status !== 405,
  },
  {
    rule: 'other calls',
    theirs: '405 for a path that is one of its other calls with another method',
    ours: '404 `Route not found`',
    reason: 'only this call is served',
    mark: 'contract',
    matches: (comparison) =>
      comparison.method === 'GET' && comparison.theirs.status === 405 && answers(comparison, 404, 'Route not found'),
  },
  {
    rule: '`packageType` of MAVEN',
    theirs: 'an empty text',
    ours: '`MAVEN`',
    reason: 'the contract lists the values',
    mark: 'contract',
    matches: (comparison) => {
      const theirs = { ...comparison.theirs, data: { ...(comparison.theirs.data as object), packageType: 'MAVEN' } };
      return comparison.theirs.status === 200 && isSame({ ...comparison, theirs });
    },
  },
  {
    rule: 'text answers',
    theirs: 'plain text: `404 page not found`, `400 Bad Request`, `Invalid format for parameter …`; 405 without a body',
    ours: 'the envelope, with the same status',
    reason: 'the contract has one body for errors',
    mark: 'contract',
    matches: (comparison) =>
      isText(comparison) &&
      !isDecodedTwice(comparison) &&
      comparison.theirs.status === comparison.ours.status &&
      /^(?:Route not found|malformed target|invalid parameter|Method not allowed)$/.test(`${comparison.ours.message}`),
  },
];

/** Returns the deliberate difference that explains a comparison; undefined for one that nothing explains. */
export const findDifference = (comparison: Comparison): Difference | undefined =>
  DIFFERENCES.find(({ matches }) => matches(comparison));
