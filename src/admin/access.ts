/** How the admin API may be used: with a token, without one by whoever is on this machine, or not at all. */
export type Access = { kind: 'token'; token: string } | { kind: 'open'; host: string } | { kind: 'off' };

/** Decides how the admin API may be used, by the address that is listened on and the token (source: our decision). */
export function decideAccess(host: string, token: string | undefined): Access {
  if (token !== undefined) return { kind: 'token', token };
  return isLoopback(host) ? { kind: 'open', host } : { kind: 'off' };
}

/** Whether a host name or an address is one by which a machine can be reached by itself only. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
