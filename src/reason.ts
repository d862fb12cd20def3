/**
 * Why a request got no 200, more exactly than its status and its message say. A client never sees it: production does
 * not tell, and a mock that did would be leaned on.
 */
export const REASONS = [
  'methodUnknown',
  'targetTooLong',
  'unsendable',
  'versionNotSupported',
  'hostMissing',
  'undecodable',
  'unknownRoute',
  'wrongCase',
  'doubleSlash',
  'trailingSlash',
  'fragment',
  'encodedRoute',
  'tailMissing',
  'markerMissing',
  'methodNotAllowed',
  'keyMissing',
  'bearerOnly',
  'keysDiffer',
  'keyUnknown',
  'keyRevoked',
  'keyExpired',
  'invalidParameter',
  'invalidPreference',
  'doubleEncoded',
  'scopeNotGranted',
  'registryUnknown',
  'artifactTypeNotAllowed',
  'artifactUnknown',
  'ambiguousArtifact',
  'versionUnknown',
  'childUnknown',
  'fault',
  'unforeseen',
] as const;

/** Why a request got no 200. */
export type Reason = (typeof REASONS)[number];
