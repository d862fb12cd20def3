import t from 'tap';
import { separateArguments } from '../../src/config/separate.js';
import { Failure } from '../../src/failure.js';

t.test('separates arguments and own flags from those of serve', async (t) => {
  const rows: [args: string[], positionals: string[], own: object, flags: string[]][] = [
    [[], [], {}, []],
    [['/x'], ['/x'], {}, []],
    [['/x', '--key', 'k', '--port', '1'], ['/x'], { key: 'k' }, ['--port', '1']],
    [['--port=1', '--key=k=l', '/x', '--method', 'GET'], ['/x'], { key: 'k=l', method: 'GET' }, ['--port=1']],
    [['--watch', '/x', '--config', 'c.yaml'], ['/x'], {}, ['--watch', '--config', 'c.yaml']],
    [['--key', 'a', '--key', '-b'], [], { key: '-b' }, []],
    [['--key='], [], { key: '' }, []],
    [['--fixtures', 'a', '/x', '--fixtures', 'b', 'c'], ['/x', 'c'], {}, ['--fixtures', 'a', '--fixtures', 'b']],
    [['--nope', '/x'], ['/x'], {}, ['--nope']],
    [['--', '/x', '--key'], ['/x', '--key'], {}, []],
  ];
  for (const [args, positionals, own, flags] of rows) {
    t.strictSame(separateArguments(args, ['key', 'method']), { positionals, own, flags }, args.join(' '));
  }
});

t.test('an own flag has a value, which is not shown', async (t) => {
  for (const args of [['--key'], ['--key', '--canary']]) {
    t.throws(() => separateArguments(args, ['key']), new Failure('--key: expected a value behind it', 2));
  }
});
