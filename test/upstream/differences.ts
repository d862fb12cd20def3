import { isPortable } from '../../src/api/spelling.js';
import { parseTarget } from '../../src/api/target.js';
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

const isOtherCall = ({ target }: Comparison) => parseTarget(target).kind === 'call' && !isPortable(parseTarget(target));

/** What the server says of a registry or a scope that does not exist. */
const isUnknownScope = ({ theirs: { status, message = '' } }: Comparison) =>
  status === 400 && /^(?:registry|root space|parent space) not found: /.test(message);

const isText = ({ theirs }: Comparison) =>
  /^(?:404 page not found|400 Bad Request|Invalid format for parameter .*)$/.test(theirs.message ?? '');

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
        /^(?:Registry|Artifact version) not found$/.test(`${comparison.ours.message}`)),
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
    theirs: '400 `parent reference is required`, `root space not found: …`',
    ours: '400 `invalid parameter` with `details`',
    reason: '`details` name the parameter',
    mark: 'ours',
    matches: (comparison) =>
      comparison.theirs.status === 400 &&
      (isUnknownScope(comparison) || comparison.theirs.message === 'parent reference is required') &&
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
      comparison.target.includes('/ACME/') && comparison.theirs.status === 200 && answers(comparison, 403, 'forbidden'),
  },
  {
    rule: 'a ref that is encoded twice',
    theirs: 'decodes `%252F` twice',
    ours: '400 `invalid parameter`: it is decoded once, and has one component',
    reason: '`%252F` is the text `%2F`',
    mark: 'ours',
    matches: (comparison) =>
      comparison.target.includes('%252F') && comparison.theirs.status === 200 && isInvalid(comparison),
  },
  {
    rule: 'invalid UTF-8 in the path',
    theirs: '404, after a lookup',
    ours: '400 `malformed target`',
    reason: 'no name contains it',
    mark: 'ours',
    matches: (comparison) =>
      comparison.target.includes('%FF') &&
      comparison.theirs.status === 404 &&
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
    theirs: '404 `Artifact version not found` for a tag and for a digest',
    ours: 'a version that a fixture has is found by its name; without one, 404 `Artifact not found`',
    reason: 'the contract has both package types',
    mark: 'contract',
    matches: (comparison) =>
      /\/acme\/(?:docker|helm)\/\+\//.test(comparison.target) &&
      comparison.theirs.message === 'Artifact version not found' &&
      answers(comparison, 404, 'Artifact not found'),
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
    theirs: 'plain text: `404 page not found`, `400 Bad Request`, `Invalid format for parameter …`',
    ours: 'the envelope, with the same status',
    reason: 'the contract has one body for errors',
    mark: 'contract',
    matches: (comparison) =>
      isText(comparison) &&
      comparison.theirs.status === comparison.ours.status &&
      /^(?:Route not found|malformed target|invalid parameter)$/.test(`${comparison.ours.message}`),
  },
];

/** Returns the deliberate difference that explains a comparison; undefined for one that nothing explains. */
export const findDifference = (comparison: Comparison): Difference | undefined =>
  DIFFERENCES.find(({ matches }) => matches(comparison));
