/** `strict`: a known key whose grants cover the ref; `any`: any key that is not empty; `off`: no key at all. */
export const AUTH_MODES = ['strict', 'any', 'off'] as const;

/** How keys are checked. */
export type AuthMode = (typeof AUTH_MODES)[number];
