import { connect, type Socket } from 'node:net';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { FastifyInstance, InjectOptions } from 'fastify';
import type { Test } from 'tap';
import { ArtifactDetailResponseSchema, ArtifactDetailSchema, ErrorSchema } from '../src/api/schema.js';
import { type AppOptions, buildApp } from '../src/app.js';
import { type Environment, loadConfig, parseFlags } from '../src/config/load.js';
import { type Config, OPTIONS } from '../src/config/options.js';
import { type Control, type ControlOptions, createControl } from '../src/control.js';
import { writeFixtures } from '../src/seed/write.js';
import { openStore, type Store } from '../src/store/store.js';
import { BUNDLED_FIXTURES } from '../src/util/package.js';

/** A key of the bundled fixtures that may read all of them. */
export const KEY = 'pat.acme.dev.local';

/** A path of the bundled fixtures that answers 200, in the published spelling. */
export const NGINX = '/har/api/v1/registry/acme/platform/web/images/+/artifact/library/nginx/+/version/1.25.3/details';

/** The body that NGINX answers. */
export const NGINX_BODY = {
  status: 'SUCCESS',
  data: {
    version: '1.25.3',
    packageType: 'DOCKER',
    name: 'library/nginx',
    size: '69.56MB',
    createdAt: '1704067200000',
    createdBy: 'admin@example.com',
    modifiedAt: '1704153600000',
    downloadCount: 42,
    isQuarantined: false,
    pullCommand: 'docker pull pkg.example.com/acme/images/library/nginx:1.25.3',
  },
};

/** Loads the configuration of a command line, with only the given environment. */
export function configure(args: readonly string[], environment: Environment = {}): Config {
  const { flags, words } = parseFlags(args, OPTIONS);
  return loadConfig(flags, environment, words);
}

/** The body of a path without a route. */
export const ROUTE_NOT_FOUND = {
  code: '404',
  message: 'Route not found',
  details: {
    expected: 'GET /har/api/v1/registry/{registry_ref}/artifact/{artifact}/version/{version}/details',
    hint: 'a registry_ref or an artifact that contains slashes ends in /+',
  },
};

/** Opens a store in memory that closes with the test, seeded from the bundled fixtures or the given sources. */
export function seedStore(t: Test, sources: Parameters<typeof writeFixtures>[0] = [BUNDLED_FIXTURES]): Store {
  const store = openStore();
  t.teardown(() => store.close());
  if (sources.length > 0) writeFixtures(sources, store.seed);
  return store;
}

/** Creates the control of a store, with a journal that is large enough for any test. */
export function makeControl(store: Store, options: Partial<ControlOptions> = {}): Control {
  return createControl({ store, fixtures: [BUNDLED_FIXTURES], seed: 1, journalEntries: 1_000, ...options });
}

/** Builds an app that closes with the test; its control is `control` of the options, or a new one. */
export function build(t: Test, options: Partial<AppOptions> = {}): FastifyInstance {
  const store = options.store ?? seedStore(t);
  const app = buildApp({
    store,
    control: options.control ?? makeControl(store),
    auth: 'strict',
    spellings: 'all',
    errors: 'contract',
    prefer: 'on',
    cors: ['local'],
    host: '127.0.0.1',
    adminToken: undefined,
    ...options,
  });
  t.teardown(() => app.close());
  return app;
}

/** Makes an app listen on a free port of loopback; returns the port. */
export async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as { port: number }).port;
}

/** What a server answered. */
export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  text: string;
  body: unknown;
}

/**
 * Asks an app for a target with the bundled key, and checks the answer against the contract. With `type`, the answer must
 * be an exception to it instead: of this media type, or of none if it is empty.
 */
export async function ask(
  t: Test,
  app: FastifyInstance,
  url: string,
  { type, ...options }: InjectOptions & { type?: string } = {},
): Promise<Answer> {
  const response = await app.inject({
    method: 'GET',
    url,
    ...options,
    headers: { 'x-api-key': KEY, ...options.headers },
  });
  const answer = {
    status: response.statusCode,
    headers: response.headers as Record<string, string>,
    text: response.body,
    body: response.body === '' || (type && !type.includes('json')) ? undefined : response.json(),
  };
  if (type === undefined) checkContract(t, answer);
  else checkException(t, answer, type);
  return answer;
}

const FoundSchema = Type.Object({ ...ArtifactDetailResponseSchema.properties, data: ArtifactDetailSchema });

/** Fails the test when an answer of the API is not what the contract says. */
export function checkContract(t: Test, { status, headers, body }: Answer): void {
  t.equal(headers['content-type'], 'application/json', 'is JSON');
  t.match(headers['x-request-id'], /^[!-~]{1,128}$/, 'has a request id');
  if (body === undefined) return;
  const schema = status === 200 ? FoundSchema : ErrorSchema;
  t.strictSame([...Value.Errors(schema, body)], [], 'fits the contract');
  if (status !== 200) t.equal((body as { code: string }).code, String(status), 'carries its status');
}

/** Fails the test unless an answer is an exception to the contract: an answer of a raw or gateway fault, or of `--errors hosted`. */
function checkException(t: Test, { status, headers, body }: Answer, type: string): void {
  t.equal(headers['content-type'] ?? '', type, 'has the type of the exception');
  t.match(headers['x-request-id'], /^[!-~]{1,128}$/, 'has a request id');
  t.not((body as { code?: string } | undefined)?.code, String(status), 'is not the envelope');
}

/** Sends bytes over a socket and returns all that comes back until the server closes, or until `count` answers came. */
export function sendRaw(port: number, bytes: string | Buffer, count = 1): Promise<Answer[]> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let received = Buffer.alloc(0);
    const hasBody = !String(bytes).startsWith('HEAD ');
    const finish = () => {
      socket.destroy();
      resolve(parseAnswers(received, hasBody));
    };
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (parseAnswers(received, hasBody).length >= count) finish();
    });
    socket.on('end', finish);
    socket.on('error', reject);
  });
}

/** Asks over a socket for a target as it stands, with the bundled key and the given extra header lines. */
export async function askRaw(
  port: number,
  target: string | Buffer,
  method = 'GET',
  headers: string[] = [],
): Promise<Answer> {
  const head = ['Host: localhost', `x-api-key: ${KEY}`, 'Connection: close', ...headers].join('\r\n');
  const bytes = Buffer.concat([
    Buffer.from(`${method} `),
    Buffer.from(target),
    Buffer.from(` HTTP/1.1\r\n${head}\r\n\r\n`),
  ]);
  const [answer] = await sendRaw(port, bytes);
  if (answer === undefined) throw new Error(`no answer to ${method} ${target}`);
  return answer;
}

/** Parses complete HTTP answers with a Content-Length; an incomplete one at the end is left out. */
function parseAnswers(received: Buffer, hasBody: boolean): Answer[] {
  const answers: Answer[] = [];
  let rest = received;
  for (let end = rest.indexOf('\r\n\r\n'); end !== -1; end = rest.indexOf('\r\n\r\n')) {
    const [statusLine = '', ...lines] = rest.toString('latin1', 0, end).split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const length = hasBody ? Number(headers['content-length'] ?? 0) : 0;
    const bodyEnd = end + 4 + length;
    if (rest.length < bodyEnd) break;
    const text = rest.toString('utf8', end + 4, bodyEnd);
    answers.push({
      status: Number(statusLine.split(' ')[1]),
      headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    });
    rest = rest.subarray(bodyEnd);
  }
  return answers;
}
