/** The host part of a URL by which a machine reaches one of its own bind addresses: a wildcard is reached by loopback. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
