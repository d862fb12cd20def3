/** What can make the load, the preferred first. */
export const LOAD_NAMES = ['wrk', 'autocannon'] as const;

/** A maker of load. */
export type LoadName = (typeof LOAD_NAMES)[number];
