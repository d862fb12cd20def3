import t from 'tap';
import { ENCODED, HIT_BODY, makeRequests, PUBLISHED } from '../../bench/answers.js';
import { makeMock } from '../../bench/servers/mock.js';
import { build } from '../helper.js';

t.test('this server gives every answer that is measured, in both spellings', async (t) => {
  const app = build(t);
  for (const requests of [makeMock('mock', []).requests, makeRequests(ENCODED)]) {
    for (const { path, headers, status, body } of Object.values(requests)) {
      const answer = await app.inject({ url: path, headers });
      t.equal(answer.statusCode, status, path);
      t.strictSame(answer.json(), body);
    }
  }
});

t.test('the constant body has the bytes of a hit', async (t) => {
  const { path, headers } = makeRequests(PUBLISHED).hit;
  t.equal((await build(t).inject({ url: path, headers })).body, HIT_BODY);
});
