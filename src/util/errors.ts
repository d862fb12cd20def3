import { escapeControls } from './text.js';

/** Exit code: 1 data that cannot be served, 2 a usage error, 127 a command that cannot be started. */
type ExitCode = 1 | 2 | 127;

/** A user's mistake. It is shown as its message alone, a line or several, without a stack trace. */
export class UserError extends Error {
  constructor(
    message: string | readonly string[],
    readonly exitCode: ExitCode = 1,
    options?: ErrorOptions,
  ) {
    super([message].flat().map(escapeControls).join('\n'), options);
  }
}

/** A limit of the server was reached, such as 1000 armed faults, and what makes room; answered as a 429. */
export class LimitError extends Error {
  constructor(
    readonly what: string,
    readonly max: number,
    readonly remedy: string,
  ) {
    super(`limit of ${max} ${what} reached; ${remedy}`);
  }
}
