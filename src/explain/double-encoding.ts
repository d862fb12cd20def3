import type { Reason } from '../reason.js';
import { splitTarget } from '../wire/target.js';
import { type ReadTarget, readTarget } from './read-target.js';

/** A parameter that is encoded twice, and the target with all encoded once, where that is a target of the API. */
export interface DoubleEncoding {
  parameter: string;
  corrected: string | undefined;
}

/** The parameters, in the order in which they are looked up, and the reasons that one that is encoded twice has. */
const PARAMETERS: { parameter: string; reasons: Reason[]; read(target: ReadTarget): unknown }[] = [
  {
    parameter: 'registry_ref',
    reasons: ['registryUnknown', 'doubleEncoded'],
    read: ({ path }) => path.registryRef,
  },
  {
    // Encoded twice, all slashes of a ref are data, and it has one component.
    parameter: 'registry_ref',
    reasons: ['invalidParameter'],
    read: ({ path }) => (path.registryRef.includes('/') ? '' : path.registryRef),
  },
  { parameter: 'artifact', reasons: ['artifactUnknown', 'doubleEncoded'], read: ({ path }) => path.artifact },
  { parameter: 'version', reasons: ['versionUnknown', 'doubleEncoded'], read: ({ path }) => path.version },
  { parameter: 'childVersion', reasons: ['childUnknown', 'doubleEncoded'], read: ({ query }) => query.childVersion },
];

/** Returns the parameter that still holds an escape once it is decoded, if that can be why a target met the reason. */
export function findDoubleEncoding(
  target: string,
  read: ReadTarget | undefined,
  reason: Reason,
): DoubleEncoding | undefined {
  if (read === undefined) return undefined;
  const found = PARAMETERS.find(
    (candidate) => candidate.reasons.includes(reason) && /%[0-9a-f]{2}/i.test(String(candidate.read(read))),
  );
  return found && { parameter: found.parameter, corrected: encodeOnce(target) };
}

function encodeOnce(target: string): string | undefined {
  const { path, query } = splitTarget(target);
  const corrected = (path + query).replace(/%(?:25)+([0-9a-f]{2})/gi, '%$1');
  return readTarget(corrected) && corrected;
}
