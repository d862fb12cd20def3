import { maxHeaderSize } from 'node:http';
import type { TSchema } from '@sinclair/typebox';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import { operations } from '../../src/admin/operations.js';
import { MAX_UNANSWERED } from '../../src/api/connections.js';
import { ERRORS, type ErrorName, REASONS } from '../../src/api/errors.js';
import { PACKAGE_TYPES } from '../../src/api/schema.js';
import { SPELLINGS, spellingsOf } from '../../src/api/spelling.js';
import { parseTarget } from '../../src/api/target.js';
import { variableOf } from '../../src/config/load.js';
import { flagOf, OPTION_NAMES, OPTIONS } from '../../src/config/options.js';
import { GATEWAY, GATEWAY_NAMES, RawSchema } from '../../src/faults/answers.js';
import { MAX_ARMED_FAULTS } from '../../src/faults/armed.js';
import { MAX_DELAY } from '../../src/faults/fault.js';
import { readPrefer } from '../../src/faults/prefer.js';
import { checkRule, FaultRuleSchema } from '../../src/faults/rule.js';
import { MAX_SESSIONS, SESSION_LIFETIME } from '../../src/faults/sessions.js';
import { startMockServer } from '../../src/index.js';
import { EntrySchema, FilterSchema } from '../../src/journal/entry.js';
import { MAX_WAITS } from '../../src/journal/journal.js';
import { DocumentSchema, isComment } from '../../src/seed/format.js';
import { run } from '../commands/run.js';
import { ask, build, KEY, listen } from '../helper.js';
import { codesIn, readPage, readTable } from './page.js';

const ERROR_ROWS = Object.values(ERRORS).map(({ status, message }) => `${status} ${message}`);

/** Compares the first cells of a table with what the code has, in any order. */
function compareRows(t: Test, documented: readonly string[], known: Iterable<string>): void {
  t.strictSame([...documented].sort(), [...new Set(known)].sort());
}

t.test('the table of flags has the options', async (t) => {
  const words: Record<string, string> = { fixtures: 'the bundled fixtures', db: 'in memory' };
  const options = OPTION_NAMES.map((name) => {
    const { fallback, description } = OPTIONS[name];
    return [
      `\`${flagOf(name)}\``,
      `\`${variableOf(name)}\``,
      words[name] ?? (fallback === undefined ? 'none' : `\`${fallback}\``),
      description,
    ];
  });
  t.strictSame(readTable('flags'), options);
});

t.test('the table of commands has those of the help', async (t) => {
  const { stdout } = await run(['--help']);
  const [, list = ''] = /Commands:\n(.*?)\n\n/s.exec(stdout) ?? [];
  const commands = list.split('\n').map((line) => line.trim().split(/ {2,}/));
  const others = commands.filter(([command]) => command !== 'serve');
  t.strictSame(
    readTable('commands').map(([command, description]) => [codesIn(command)[0], description]),
    others,
  );
});

t.test('the tables of errors have all errors', async (t) => {
  const toRow = ([status, message]: string[]) => `${status} ${message}`;
  compareRows(t, readTable('errors').map(toRow), ERROR_ROWS);
  const ofCall = Object.values(ERRORS).filter((error) => 'step' in error);
  compareRows(
    t,
    readTable('call errors').map(toRow),
    ofCall.map(({ status, message }) => `${status} ${message}`),
  );
});

t.test('the table of reasons has all reasons with their answers', async (t) => {
  const known = REASONS.map((reason) => {
    const { status, message } = reason in ERRORS ? ERRORS[reason as ErrorName] : { status: '', message: '' };
    return `${reason}: ${status} ${message}`.trim();
  });
  compareRows(
    t,
    readTable('reasons').map(([reason, answer]) => `${codesIn(reason)[0]}: ${answer}`.trim()),
    known,
  );
});

t.test('every path of the table of answers gets its answer, and explain says the same', async (t) => {
  const app = build(t);
  const rows = readTable('answers');
  t.ok(rows.length > 20);
  for (const [asked, key = '', expected] of rows) {
    const [target = ''] = codesIn(asked);
    const presented = key === 'none' ? '' : (codesIn(key)[0] ?? KEY);
    const url = `/har/api/v1/registry/${target}`;
    const headers = { 'x-api-key': presented };
    const answer = await ask(t, app, url, { headers });
    const { message, status } = answer.body as { message?: string; status?: string };
    t.equal(`${answer.status} ${message ?? status}`, expected, target);
    const explained = await app.inject({ url: `/__admin/explain?target=${encodeURIComponent(url)}`, headers });
    t.equal(`${explained.json().status} ${explained.json().message}`, expected, target);
  }
});

t.test('the table of operations has the admin API', async (t) => {
  const known = Object.values(operations).map(
    ({ method, url, summary }) => `\`${method} ${url.replace(':id', '{id}')}\` ${summary}`,
  );
  compareRows(
    t,
    readTable('operations').map((row) => row.join(' ')),
    known,
  );
});

t.test('the table of metrics has those of the server', async (t) => {
  const { payload } = await build(t).inject('/metrics');
  const known = [...payload.matchAll(/^# TYPE (registry_mock_\S+) (\S+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  compareRows(
    t,
    readTable('metrics').map(([name, type]) => `${codesIn(name)[0]} ${type}`),
    known,
  );
});

t.test('the table of package types has all, each with a bundled version', async (t) => {
  const app = build(t);
  const rows = readTable('package types');
  t.strictSame(
    rows.map(([type]) => codesIn(type)[0]),
    PACKAGE_TYPES,
  );
  for (const [type, example] of rows) {
    const [ref = '', artifact = '', version = '', query = ''] = codesIn(example);
    const path = [ref, 'artifact', artifact, 'version', version].map((text) => encodeURIComponent(text)).join('/');
    const { body } = await ask(t, app, `/har/api/v1/registry/${path}/details?${query}`);
    t.match(body, { data: { packageType: codesIn(type)[0] } }, `${ref} ${artifact}`);
  }
});

t.test('the table of spellings has all, and each is the spelling of its examples', async (t) => {
  const rows = readTable('spellings');
  t.strictSame(
    rows.map(([name]) => codesIn(name)[0]),
    Object.keys(SPELLINGS),
  );
  for (const [name = '', , ref, artifacts] of rows) {
    for (const artifact of codesIn(artifacts)) {
      const target = parseTarget(`/har/api/v1/registry/${codesIn(ref)[0]}/artifact/${artifact}/version/1/details`);
      t.match(target.parameters, { ref: 'acc/org/proj/reg', version: '1' }, artifact);
      const { ref: found } = spellingsOf(target) ?? {};
      t.ok(name.includes(String(found)) || name === '`marked`', `${codesIn(ref)[0]} is ${found}`);
    }
  }
});

t.test('the table of faults has valid faults, and Prefer asks for the same', async (t) => {
  for (const [cell, preference] of readTable('faults')) {
    const [text = ''] = codesIn(cell);
    const fault = parse(text);
    t.doesNotThrow(() => checkRule({ fault }), text);
    const [prefer] = codesIn(preference);
    if (prefer !== undefined) t.strictSame(readPrefer(prefer)?.fault, fault, prefer);
  }
});

t.test('the table of the hosted front has its answers', async (t) => {
  compareRows(
    t,
    readTable('gateway').map(([name, answer]) => [...codesIn(name), answer].join(': ')),
    GATEWAY_NAMES.map((name) => {
      const { status, contentType } = GATEWAY[name]('acme/pypi');
      return `${name}: ${status} \`${contentType}\``;
    }),
  );
});

t.test('the tables of members have those of the schemas', async (t) => {
  const { match, ...rule } = FaultRuleSchema.properties;
  const names = (table: string) => readTable(table).flatMap(([cell]) => codesIn(cell));
  compareRows(t, names('rule members'), ['match', ...Object.keys(rule)]);
  compareRows(t, names('raw members'), Object.keys((RawSchema as TSchema).properties));
  compareRows(t, names('match members'), Object.keys(match.properties));
  compareRows(t, names('filter members'), Object.keys(FilterSchema.properties));
  compareRows(t, names('entry members'), Object.keys(EntrySchema.properties));
});

t.test('the table of fixture fields has those of the format', async (t) => {
  const { properties: document } = DocumentSchema;
  const { registries, apiKeys } = document;
  const registry = registries.items.properties;
  const artifact = registry.artifacts.items.properties;
  const version = artifact.versions.items.properties;
  const known = { document, registry, artifact, version, 'API key': apiKeys.items.properties };
  const documented: Record<string, string[]> = {};
  let object = '';
  for (const [first = '', field] of readTable('fixture fields')) {
    object = first || object;
    documented[object] = [...(documented[object] ?? []), codesIn(field)[0] as string];
  }
  t.strictSame(Object.keys(documented), Object.keys(known));
  for (const [name, properties] of Object.entries(known)) {
    const own = Object.keys(properties).filter((key) => !isComment(key));
    compareRows(t, documented[name] ?? [], own);
  }
});

t.test('the table of bundled keys has all of them', async (t) => {
  const { apiKeys } = JSON.parse(readPage('fixtures/keys.json'));
  const known = (apiKeys as { key: string; grants: string[] }[]).map(({ key, grants }) => [key, ...grants].join(' '));
  compareRows(
    t,
    readTable('bundled keys').map(([key, grants]) => [...codesIn(key), ...codesIn(grants)].join(' ')),
    known,
  );
});

t.test('the table of the library has the members of a server', async (t) => {
  const server = await startMockServer();
  t.teardown(server.close);
  const documented = readTable('server members').flatMap(([cell]) =>
    codesIn(cell).map((code) => code.split('(', 1)[0] ?? ''),
  );
  compareRows(t, documented, Object.keys(server));
});

t.test('the table of limits has those of the server', async (t) => {
  const app = build(t);
  await listen(app);
  const { server } = app;
  const bodies = Object.values(operations).flatMap((operation) =>
    'bodyLimit' in operation ? [operation.bodyLimit] : [],
  );
  const known = {
    'request line and headers': `${maxHeaderSize / 1_024} KiB`,
    'time for a request to arrive': `${server.requestTimeout / 1_000} s`,
    connections: server.maxConnections.toLocaleString('en'),
    'unanswered requests of a connection': String(MAX_UNANSWERED),
    'glob of a rule or a filter': `${FilterSchema.properties.target.maxLength} characters`,
    'idle keep-alive connection': `${server.keepAliveTimeout / 1_000} s`,
    'fixture in a request body': '10 MiB',
    'other request body': `${Math.max(...bodies) / 1_024} KiB`,
    'delay of a fault': `${MAX_DELAY.toLocaleString('en')} ms`,
    'armed faults': MAX_ARMED_FAULTS.toLocaleString('en'),
    sessions: MAX_SESSIONS.toLocaleString('en'),
    'life of a session without requests': `${SESSION_LIFETIME.toLocaleString('en')} ms`,
    'waits at once': MAX_WAITS.toLocaleString('en'),
  };
  t.strictSame(Object.fromEntries(readTable('limits').map(([name, value]) => [name, value])), known);
});

t.test('the table of rates has figures of the results', async (t) => {
  const results = readPage('bench/results.md').replaceAll(/ +/g, ' ');
  for (const row of readTable('rates')) t.match(results, `| 100,000 distinct targets | ${row.join(' | ')} |`);
});
