import t from 'tap';
import type { Option } from '../../src/config/option.js';
import { OPTION_NAMES, OPTIONS } from '../../src/config/options.js';
import { run } from './run.js';

const { stdout: HELP } = await run(['--help']);

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

t.test('lists every option with its argument, description, choices and default, and no other', async (t) => {
  const listed = [...HELP.matchAll(/^ {2}(?:-[a-z], )?(--[a-z-]+)/gm)].map(([, flag]) => flag);
  const known = OPTION_NAMES.map((name) => `--${kebab(name)}`);
  t.strictSame(listed, [...known, '--config', '--help', '--version']);
  for (const name of OPTION_NAMES) {
    const { argument, description, choices, fallback }: Option = OPTIONS[name];
    const line = HELP.split('\n').find((text) => new RegExp(`^ {2}--${kebab(name)} `).test(text)) as string;
    if (argument !== undefined) t.ok(line.startsWith(`  --${kebab(name)} ${argument} `), `${name}: argument`);
    else t.ok(line.startsWith(`  --${kebab(name)}  `), `${name}: no argument`);
    t.ok(line.includes(`  ${description}`), `${name}: description`);
    if (choices) t.ok(line.includes(`: ${choices.join(', ')}`), `${name}: choices`);
    const isTold = ['string', 'number'].includes(typeof fallback);
    t.equal(line.endsWith(`(${fallback})`), isTold, `${name}: default`);
  }
});

t.test('its defaults and its examples are the ones that a person can rely on', async (t) => {
  const expected = [
    '  --host HOST               address to listen on (127.0.0.1)',
    '  --port PORT               port to listen on; 0 takes a free one (8650)',
    '  --auth MODE               strict checks keys and grants, any takes any key, off takes none: strict, any, off (strict)',
    '  --watch                   load the fixtures again when they change',
    '  --config FILE             file of options, YAML or JSON, keyed by their names such as logLevel',
  ];
  const lines = HELP.split('\n');
  for (const line of expected) t.ok(lines.includes(line), line);
});

t.test('names the variable of an option in a way that holds for every option', async (t) => {
  t.match(HELP, 'Every flag has a variable: --log-level is REGISTRY_MOCK_LOG_LEVEL.');
  for (const name of [...OPTION_NAMES, 'config']) {
    const variable = `REGISTRY_MOCK_${kebab(name).replaceAll('-', '_').toUpperCase()}`;
    const { code, stderr } = await run(['serve', '--port', 'x'], { [variable]: 'x' });
    t.equal(code, 2);
    t.notMatch(stderr, /unknown variable/, variable);
  }
  const { stderr } = await run(['serve'], { REGISTRY_MOCK_HELP: 'x' });
  t.match(stderr, /^unknown variable REGISTRY_MOCK_HELP/, 'and of no other');
});

t.test('every command that is listed can be run, and the other way round', async (t) => {
  const commands = /\nCommands:\n((?: {2}.*\n)+)/.exec(HELP)?.[1] as string;
  const listed = [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, command]) => command as string);
  const { stderr } = await run(['zzzzzzzz']);
  t.match(stderr, `expected one of ${listed.join(', ')}\n`);
  for (const command of listed) {
    const { code, stderr: refusal } = await run([command, '--no-such-flag']);
    t.equal(code, 2, command);
    t.notMatch(refusal, /unknown command/, command);
  }
});
