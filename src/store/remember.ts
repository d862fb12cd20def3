import type { DetailsFinder, FoundDetails } from './details.js';
import { Miss } from './errors.js';
import type { LookUp } from './types.js';

/** How much is remembered, in bytes; an estimate. */
const MOST_BYTES = 16_777_216;

/** What one outcome takes besides its texts, in bytes. */
const OUTCOME_BYTES = 1_000;

/**
 * Makes look-ups remember their outcome, hit or miss, until the data changes. Takes the look-ups and what tells the state
 * of the data.
 */
export function rememberDetails({ findDetails }: DetailsFinder, readRevision: () => number): DetailsFinder {
  const known = new Map<string, FoundDetails | Miss>();
  let bytes = 0;
  let revision = -1;

  const forget = () => {
    known.clear();
    bytes = 0;
  };

  return {
    findDetails(lookUp) {
      const current = readRevision();
      if (current !== revision) forget();
      revision = current;
      const key = keyOf(lookUp);
      let outcome = known.get(key);
      if (outcome === undefined) {
        outcome = attempt(findDetails, lookUp);
        bytes += sizeOf(key, outcome);
        if (bytes > MOST_BYTES) forget();
        known.set(key, outcome);
      }
      if (outcome instanceof Miss) throw outcome;
      return outcome;
    },
  };
}

/** Names may hold any character, so that only their lengths tell where one ends. */
function keyOf({ registryRef, artifact, version, artifactType, childVersion }: LookUp): string {
  const child = childVersion === undefined ? '' : `=${childVersion}`;
  return `${registryRef.length} ${artifact.length} ${version.length} ${registryRef}${artifact}${version}${artifactType ?? ''}${child}`;
}

function attempt(findDetails: DetailsFinder['findDetails'], lookUp: LookUp): FoundDetails | Miss {
  try {
    return findDetails(lookUp);
  } catch (error) {
    if (error instanceof Miss) return error;
    throw error;
  }
}

function sizeOf(key: string, outcome: FoundDetails | Miss): number {
  const texts = outcome instanceof Miss ? 0 : (outcome.extra?.length ?? 0) + (outcome.fault?.length ?? 0);
  return OUTCOME_BYTES + key.length + texts;
}
