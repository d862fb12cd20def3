/** Thrown when a tester asks for more of something than the server holds at once. */
export class LimitReached extends Error {
  /**
   * @param what what there are too many of, such as `armed faults`
   * @param most how many there may be
   * @param remedy what makes room
   */
  constructor(
    readonly what: string,
    readonly most: number,
    readonly remedy: string,
  ) {
    super(`there are ${most} ${what} already, and no more are held: ${remedy}`);
  }
}
