/** A difference between what was expected and what was found. */
export class Finding extends Error {
  constructor(
    readonly expected: string,
    readonly found: string,
  ) {
    super(`expected ${expected}, found ${found}`);
  }
}

/** Resolves with the Finding of an attempt, or undefined without one; other errors are rethrown. */
export async function findingOf(attempt: Promise<unknown>): Promise<Finding | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof Finding) return error;
    throw error;
  }
}

/** A Finding and how to reproduce it. */
export class Failure extends Error {
  /**
   * @param input the smallest known input that reproduces it, readable
   * @param seed the seed of the run that found it
   */
  constructor(
    readonly finding: Finding,
    readonly input: string,
    readonly seed: number,
  ) {
    super(`${finding.message}\nseed ${seed}, input:\n${input}`);
  }
}

/** Runs a function; its Finding becomes a Failure with the input and the seed. */
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

/** Formats a failure, with the command that repeats it. */
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

/** Formats bytes, one a character, in visible ASCII: `GET /\xff HTTP/1.1\r\n`. */
export function escapeBytes(bytes: string): string {
  return JSON.stringify(bytes)
    .replaceAll(/\\u00([0-9a-f]{2})/g, '\\x$1')
    .replaceAll(/[\x7f-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`);
}
