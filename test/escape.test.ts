import t from 'tap';
import { escapeCharacters } from '../src/escape.js';

t.test('escapes what a pattern finds, and nothing else', async (t) => {
  t.equal(escapeCharacters('a\x1b[1m\u2028é', /[\p{Cc}\u2028]/gu), 'a\\u001b[1m\\u2028é');
  t.equal(escapeCharacters('', /./g), '');
  t.equal(JSON.parse(escapeCharacters('"\x7f"', /\x7f/g)), '\x7f');
});
