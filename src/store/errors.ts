/** Why a look-up found no version: what is missing, or what the question lacked. */
export type MissReason = 'registry' | 'artifact' | 'version' | 'child' | 'packageType' | 'ambiguous';

/**
 * Thrown by a look-up that finds no version, and says why. There is one of each, made once: a miss is an ordinary
 * answer, and its stack would cost more than the look-up.
 */
export class Miss extends Error {
  private constructor(readonly reason: MissReason) {
    super(`no hit: ${reason}`);
  }

  static readonly registry = new Miss('registry');
  static readonly artifact = new Miss('artifact');
  static readonly version = new Miss('version');
  static readonly child = new Miss('child');
  static readonly packageType = new Miss('packageType');
  static readonly ambiguous = new Miss('ambiguous');
}

/** Thrown by a writer for data that contradicts what the same transaction has written. */
export class Conflict extends Error {
  /**
   * @param identity what is already there, such as `registry acme/images`
   * @param contradiction how the new data differs, for data that may be repeated but must agree
   */
  constructor(
    readonly identity: string,
    readonly contradiction?: string,
    message = `${identity} is already there`,
  ) {
    super(message);
  }
}

/** Thrown by a merging writer for data that contradicts what was stored before; its message says what to do. */
export class StoredConflict extends Conflict {
  constructor(identity: string, contradiction: string, remedy: string) {
    super(identity, contradiction, `${identity} ${contradiction}; ${remedy}`);
  }
}
