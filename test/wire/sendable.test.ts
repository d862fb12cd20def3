import { maxHeaderSize } from 'node:http';
import t from 'tap';
import { isSendable, isTooLong } from '../../src/wire/sendable.js';
import { askRaw, build, listen } from '../helper.js';

t.test('tells what the parser lets through', async (t) => {
  const port = await listen(build(t));
  const targets = [
    '/',
    '*',
    '/!"#$%25&\'()*+,-.:;<=>?@[\\]^_`{|}~',
    '/a b',
    '/é',
    '/\0',
    '/\x7f',
    '/\t',
    'healthz',
    '?x',
    'http:',
    'http://',
    'http://h',
    'http://h?x',
    'http://h#x',
    'http://u@h/@x/@y',
    'http://u@v@h/',
    'http://u@@h/',
    'http://h"/x',
    'ftp://h/x',
    'h2tp://h/x',
  ];
  for (const target of targets) {
    const { body } = await askRaw(port, target);
    t.equal(isSendable(target), (body as { message: string }).message !== 'malformed request', target);
  }
  for (const target of ['', '/a\nb', '/a\rb']) t.notOk(isSendable(target), JSON.stringify(target));
});

t.test('tells what is too long', async (t) => {
  const port = await listen(build(t));
  const long = `/${'x'.repeat(maxHeaderSize)}`;
  t.ok(isTooLong(long));
  t.ok(isSendable(`${long}é`), 'the parser does not get so far');
  t.equal((await askRaw(port, long)).status, 414);
  const short = `/${'x'.repeat(maxHeaderSize - 1_000)}`;
  t.notOk(isTooLong(short));
  t.equal((await askRaw(port, short)).status, 404);
});
