/**
 * What a process exits with: 1 for data that cannot be served, 2 for a command line that cannot be understood, 127 for a
 * command that cannot be started.
 */
export type ExitCode = 1 | 2 | 127;

/** A person's mistake, told in one message without a stack trace: what was wrong, where, what was expected. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = 1,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
