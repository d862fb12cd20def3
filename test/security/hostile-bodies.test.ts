import type { FastifyInstance } from 'fastify';
import t, { type Test } from 'tap';
import { control } from '../admin/support.js';
import { ask, build, NGINX, NGINX_BODY } from '../helper.js';

/** As much YAML as a request may bring. */
const MOST_YAML = 262_144;

/** How long any of these bodies may take: what grows with their square or faster takes minutes. In milliseconds. */
const LIMIT = 30_000;

const fill = (piece: (index: number) => string, most = MOST_YAML) => {
  let text = '';
  for (let index = 0; text.length + 20 < most; index += 1) text += piece(index);
  return text;
};

const version = (field: string) =>
  `{"registries":[{"ref":"acme/x","packageType":"DOCKER","artifacts":[{"name":"x","versions":[{"version":"1",${field}}]}]}]}`;

const levels = (first: string, next: (last: string) => string) =>
  [...'bcdefghij'].reduce(
    (text, name, index) => `${text}\n${name}: &${name} ${next('abcdefghij'[index] as string)}`,
    first,
  );

async function put(t: Test, app: FastifyInstance, body: string, type: string) {
  return control(t, app, 'PUT', '/fixtures', { body, headers: { 'content-type': `application/${type}` } });
}

const YAML: [name: string, body: string, reason: RegExp][] = [
  ['a mapping of many keys', `{${fill((index) => `k${index},`)}}`, /^k0: unknown key/],
  ['a mapping of many keys, the last one twice', `{${fill((index) => `k${index},`)}k7}`, /Map keys must be unique$/],
  ['keys of keys of keys', '? '.repeat(60), /A key must be a text$/],
  ['a key that is a list', '? [a]\n: b\n', /A key must be a text$/],
  ['a key that is an alias', 'a: &a b\n*a : c\n', /A key must be a text$/],
  ['lists in lists', '['.repeat(MOST_YAML), /^is nested too deeply$/],
  ['mappings in mappings', '{a: '.repeat(MOST_YAML / 4), /^is nested too deeply$/],
  ['blocks in blocks', '- '.repeat(MOST_YAML / 2), /^is nested too deeply$/],
  ['a billion laughs', levels('a: &a [lol]', (last) => `[${Array(9).fill(`*${last}`)}]`), /Excessive alias count/],
  [
    'a billion merges',
    levels('a: &a {x: 1}', (last) => `{<<: [${Array(9).fill(`*${last}`)}]}`),
    /Excessive alias count/,
  ],
  ['an alias many times', `[&a x,${fill(() => '*a,')}]`, /Excessive alias count/],
  ['many anchors, each with its alias', `[${fill((index) => `&a${index} x,*a${index},`)}]`, /^found a list, expected/],
  ['many documents', fill(() => '---\n'), /multiple documents$/],
  ['many directives', fill(() => '%a\n'), /^is not YAML: /],
  ['many tags', `[${fill(() => '!!x a,')}]`, /^found a list, expected/],
  ['a merge key', `registries: []\n<<: { apiKeys: [] }\n`, /^<<: unknown key "<<"/],
];

t.test('YAML that would go off is refused', async (t) => {
  const app = build(t);
  for (const [name, body, reason] of YAML) {
    await t.test(name, { timeout: LIMIT }, async (t) => {
      const answer = await put(t, app, body, 'yaml');
      t.equal(answer.status, 400);
      t.equal(answer.body.message, 'invalid fixture');
      t.match(answer.body.details.problems[0].reason, reason);
    });
  }
  t.strictSame((await ask(t, app, NGINX)).body, NGINX_BODY, 'and serves as before');
});

const MANY = 1_000_000;

const JSONS: [name: string, body: string, reason: RegExp][] = [
  ['nesting', version(`"extra":${'{"a":'.repeat(MANY / 4)}1${'}'.repeat(MANY / 4)}`), /nested deeper than 100/],
  ['a ref of many parts', version('"x":1').replace('acme/x', `${'a/'.repeat(MANY)}x`), /\.ref: found "a\/a\//],
  ['a ref of many words', version('"x":1').replace('acme/x', `a/${'a-'.repeat(MANY)}`), /\.ref: found "a\/a-a-/],
  ['a ref that nearly fits', version('"x":1').replace('acme/x', `a/${'a'.repeat(MANY)}!`), /\.ref: found "a\/aaa/],
  ['a grant', `{"apiKeys":[{"key":"k","name":"n","grants":["${'a/'.repeat(MANY)}"]}]}`, /grants\[0\]: found "a\/a\//],
  ['a key', `{"apiKeys":[{"key":"a${' '.repeat(MANY)}","name":"n","grants":[]}]}`, /\.key: found another value/],
  ['a time', version(`"createdAt":"${'1'.repeat(MANY)}x"`), /createdAt: found "1111/],
  ['an unknown key', version(`"${'sise'.repeat(MANY / 4)}":1`), /: unknown key/],
  ['many unknown keys', `{${Array.from({ length: 200_000 }, (_, index) => `"k${index}":1`)}}`, /^k0: unknown key/],
];

t.test('JSON that would exhaust a pattern or a stack is refused', async (t) => {
  const app = build(t);
  for (const [name, body, reason] of JSONS) {
    await t.test(name, { timeout: LIMIT }, async (t) => {
      const answer = await put(t, app, body, 'json');
      t.equal(answer.status, 400);
      t.match(answer.body.details.problems[0].reason, reason);
    });
  }
  t.strictSame((await ask(t, app, NGINX)).body, NGINX_BODY, 'and serves as before');
});

t.test('very many children take time in proportion', { timeout: LIMIT }, async (t) => {
  const app = build(t);
  const children = Array.from({ length: 200_000 }, (_, index) => `{"version":"${index}"}`);
  const twice = await put(t, app, version(`"children":[${children},{"version":"199999"}]`), 'json');
  t.equal(twice.status, 400);
  t.match(twice.body.details.problems[0].reason, /children\[200000\]: child 199999 is already children\[199999\]$/);
});

t.test('a glob takes time in proportion to both lengths', { timeout: LIMIT }, async (t) => {
  const app = build(t);
  const target = `/${'a'.repeat(15_000)}`;
  for (let asked = 0; asked < 20; asked += 1) t.equal((await app.inject(target)).statusCode, 404);
  for (const glob of [`${'a*'.repeat(900)}b`, `*${'a'.repeat(1_900)}b`, '*a'.repeat(900)]) {
    const answer = await control(t, app, 'GET', `/journal/count?target=${encodeURIComponent(`*${glob}`)}`);
    t.equal(answer.status, 200);
    t.strictSame(answer.body, { count: glob.endsWith('b') ? 0 : 20 });
  }
});
