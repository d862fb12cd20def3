/** Something that is not as it must be: what was expected, and what was found. */
export class Finding extends Error {
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** Resolves with what an attempt finds, or undefined where it finds nothing; whatever else it throws is thrown on. */
export async function findingOf(attempt: Promise<unknown>): Promise<Finding | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof Finding) return error;
    throw error;
  }
}

/** A finding together with what brings it about again. */
export class Failure extends Error {
  /**
   * @param finding what is not as it must be
   * @param input the smallest input that was found to bring it about, as people read it
   * @param seed the seed from which a run comes upon it first
   */
  constructor(
    readonly finding: Finding,
    readonly input: string,
    readonly seed: number,
  ) {
    super(`${finding.message}\nseed ${seed}, input:\n${input}`);
  }
}

/** Returns what an act does. Throws a Failure with the input and the seed where it throws a Finding. */
export async function withInput<Result>(
  input: string,
  seed: number,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    throw error instanceof Finding ? new Failure(error, input, seed) : error;
  }
}

/** Writes a failure for people, with the command that repeats it. */
export function formatFailure(suite: string, { finding, input, seed }: Failure): string {
  return `FAILED ${suite}
  seed      ${seed}
  input     ${indent(input)}
  expected  ${indent(finding.expected)}
  found     ${indent(finding.found)}
  again     npm run fuzz -- --only ${suite} --seed ${seed}
`;
}

const indent = (text: string): string => text.trimEnd().replaceAll('\n', `\n${' '.repeat(12)}`);

/** Writes bytes, one a character, so that each can be told: `GET /\xff HTTP/1.1\r\n`. */
export function escapeBytes(bytes: string): string {
  return JSON.stringify(bytes)
    .replaceAll(/\\u00([0-9a-f]{2})/g, '\\x$1')
    .replaceAll(/[\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}
