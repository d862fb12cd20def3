import t from 'tap';
import { ENCODED, HIT_BODY, makeRequests, PUBLISHED } from '../../bench/answers.js';
import { build } from '../helper.js';

t.test('this server gives every answer that is measured, in both spellings', async (t) => {
  const app = build(t);
  for (const versions of [PUBLISHED, ENCODED]) {
    for (const { path, headers, status, body } of Object.values(makeRequests(versions))) {
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
