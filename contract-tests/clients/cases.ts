import { type Call, FOUND, listCalls } from '../../fuzz/oracle/calls.js';

/** What a program reports about a call: status and decoded body, or what it raised. */
export type Report = { status: number; body: unknown } | { exception: string };

export interface Case {
  name: string;
  call: Call;
  /** A fault rule to arm before the call. */
  rule?: object;
  /** What the program does differently for this call. */
  options?: object;
  /** The expected report; that of the server's own answer if absent. */
  report?: Report;
  /** How many requests the journal has after the call; 1 if absent. */
  attempts?: number;
  /** How often the program is asked, because it reports a 503; 1 if absent. */
  asked?: number;
}

/** What differs between clients. */
export interface Behaviour {
  /** A body that ends early. */
  truncated: Partial<Case>;
  /** A page in HTML with status 200. */
  html: Partial<Case>;
  /** A page in HTML with status 502; if absent, the client returns its text. */
  badGateway?: Partial<Case>;
  /** A 429 that stays, with `Retry-After: 0`; if absent, the client returns it at once. */
  tooManyRequests?: Partial<Case>;
  /** A 503 twice, with `Retry-After: 0`; if absent, the client returns both. */
  unavailable?: Partial<Case>;
}

/** Lists the calls that every client makes: all bundled versions, all errors of the contract, and faults. */
export function listCases({ truncated, html, badGateway, tooManyRequests, unavailable }: Behaviour): Case[] {
  return [
    ...listCalls().filter(isPlain).map(toCase),
    {
      name: 'a 429 that stays, with Retry-After: 0',
      call: FOUND,
      rule: { fault: { code: 429, retryAfter: 0 } },
      report: { status: 429, body: { code: '429', message: 'Too Many Requests' } },
      ...tooManyRequests,
    },
    {
      name: 'a 503 twice, with Retry-After: 0',
      call: FOUND,
      rule: { sequence: [{ code: 503, retryAfter: 0 }, { code: 503, retryAfter: 0 }, 'pass'] },
      attempts: 3,
      asked: 3,
      ...unavailable,
    },
    { name: 'a truncated body', call: FOUND, rule: { fault: { network: 'truncated' } }, ...truncated },
    { name: 'a page with status 200', call: FOUND, rule: { fault: { raw: { ...PAGE, status: 200 } } }, ...html },
    {
      name: 'a page with status 502',
      call: FOUND,
      rule: { fault: { raw: { ...PAGE, status: 502 } } },
      report: { status: 502, body: PAGE.body },
      ...badGateway,
    },
  ];
}

const PAGE = { contentType: 'text/html', body: '<html><body><h1>502 Bad Gateway</h1></body></html>' };

/** A ref of five components is not documented, and a delay does not concern a client. */
const isPlain = ({ ref, artifact }: Call) => ref.split('/').length <= 4 && artifact !== 'slow';

export function toCase(call: Call): Case {
  const { ref, artifact, version, artifactType, childVersion, key, status } = call;
  return { name: [ref, artifact, version, artifactType, childVersion, key, status].filter(Boolean).join(' '), call };
}
