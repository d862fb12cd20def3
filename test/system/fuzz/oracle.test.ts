import t from 'tap';
import { listCalls, targetOf } from '../../../fuzz/oracle/calls.js';
import { build } from '../../helper.js';

t.test('the calls cover every status of the contract', async (t) => {
  const app = build(t);
  for (const call of listCalls()) {
    const answer = await app.inject({ url: targetOf(call), headers: { 'x-api-key': call.key } });
    t.equal(answer.statusCode, call.status, targetOf(call));
  }
  t.strictSame([...new Set(listCalls().map(({ status }) => status))].sort(), [200, 400, 401, 403, 404, 500]);
});
