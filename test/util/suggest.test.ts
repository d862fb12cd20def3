import t from 'tap';
import { suggest } from '../../src/util/text.js';

t.test('suggests the nearest candidate when it is near', async (t) => {
  const keys = ['registries', 'apiKeys', 'go', 'rpm'];
  const rows: [word: string, expected: string][] = [
    ['registires', '; did you mean "registries"?'],
    ['REGISTRIES', '; did you mean "registries"?'],
    ['registry', '; did you mean "registries"?'],
    ['regist', ''],
    ['api_keys', '; did you mean "apiKeys"?'],
    ['keys', ''],
    ['g', ''],
    ['rmp', '; did you mean "rpm"?'],
    ['packages', ''],
  ];
  for (const [word, expected] of rows) t.equal(suggest(word, keys), expected, word);
});

t.test('suggests the first of two that are as near', async (t) => {
  t.equal(suggest('helo', ['held', 'help']), '; did you mean "held"?');
  t.equal(suggest('helo', ['help', 'held']), '; did you mean "help"?');
});

t.test('suggests nothing without candidates', async (t) => {
  t.equal(suggest('word', []), '');
});

t.test('suggests no word that is rather another one', async (t) => {
  const flags = ['--host', '--port', '--fixtures', '--db', '--auth', '--watch', '--admin-token', '--seed', '--help'];
  const types = ['DOCKER', 'MAVEN', 'PYTHON', 'NPM', 'HELM', 'GENERIC', 'NUGET', 'RPM', 'CARGO', 'GO', 'HUGGINGFACE'];
  const rows: [candidates: string[], typos: Record<string, string>, others: string[]][] = [
    [
      flags,
      {
        '--prot': '--port',
        '--fixture': '--fixtures',
        '--admin-tokn': '--admin-token',
        '--adminToken': '--admin-token',
        '--ort': '--port',
        '--hots': '--host',
        '--Watch': '--watch',
        '--d b': '--db',
      },
      ['--cors', '--sort', '--latch', '--batch', '--token', '--dir', '--path', '--test', '--tls', '-p', '-d', '--', ''],
    ],
    [
      types,
      { NPN: 'NPM', nmp: 'NPM', HUGGING_FACE: 'HUGGINGFACE', HELMS: 'HELM', GOO: 'GO' },
      ['PYPI', 'CONDA', 'DEB', 'N'],
    ],
    [
      ['registries', 'artifacts', 'packageType', 'size', 'code', 'message', 'name'],
      {
        artefacts: 'artifacts',
        packagetype: 'packageType',
        package_type: 'packageType',
        sise: 'size',
        mesage: 'message',
      },
      ['body', 'mode', 'node', 'same', 'type', 'id', 'é'],
    ],
  ];
  for (const [candidates, typos, others] of rows) {
    for (const [word, meant] of Object.entries(typos)) {
      t.equal(suggest(word, candidates), `; did you mean "${meant}"?`, word);
    }
    for (const word of others) t.equal(suggest(word, candidates), '', word);
  }
});

t.test('a common prefix is not compared', async (t) => {
  t.equal(suggest('MOCK_PROT', ['MOCK_PORT'], 'MOCK_'), '; did you mean "MOCK_PORT"?');
  t.equal(suggest('MOCK_HELP', ['MOCK_PORT', 'MOCK_HOST'], 'MOCK_'), '');
});

t.test('a word of any length is compared in no time', async (t) => {
  const words = Array.from({ length: 500 }, () => `x${'y'.repeat(100)}`);
  t.equal(suggest('x'.repeat(100_000), words), '');
});
