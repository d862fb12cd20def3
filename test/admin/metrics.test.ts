import t from 'tap';
import { ask, build, NGINX } from '../helper.js';
import { control } from './support.js';

t.test('tells Prometheus how many requests there were, by labels that are no names', async (t) => {
  const app = build(t);
  for (let asked = 0; asked < 3; asked += 1) await ask(t, app, NGINX);
  await ask(t, app, NGINX, { headers: { prefer: 'code=503' } });
  await ask(t, app, '/nope');
  await control(t, app, 'POST', '/faults', { body: { fault: { code: 500 } } });
  for (let scraped = 0; scraped < 2; scraped += 1) {
    const { status, headers, text } = await control(t, app, 'GET', '/metrics');
    t.equal(status, 200);
    t.equal(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    const lines = text.split('\n');
    for (const line of [
      'registry_mock_requests_total{route="details",status="200",spelling="published",fault="none"} 3',
      'registry_mock_requests_total{route="details",status="503",spelling="published",fault="prefer"} 1',
      'registry_mock_requests_total{route="unknown",status="404",spelling="none",fault="none"} 1',
      'registry_mock_armed_faults 1',
      'registry_mock_journal_dropped 0',
    ]) {
      t.ok(lines.includes(line), line);
    }
    t.match(text, /^registry_mock_request_seconds_total\{route="details",status="200",.*\} 0\.\d+$/m);
    t.match(text, /^process_resident_memory_bytes \d+$/m);
    t.notMatch(text, /nginx|developer/);
  }
});

t.test('servers of one process have counts of their own', async (t) => {
  const apps = [build(t), build(t)] as const;
  await ask(t, apps[0], NGINX);
  const [busy, idle] = await Promise.all(apps.map((app) => control(t, app, 'GET', '/metrics')));
  t.match(busy?.text, /^registry_mock_requests_total\{.*\} 1$/m);
  t.notMatch(idle?.text, /^registry_mock_requests_total\{/m);
  t.match(idle?.text, /^process_resident_memory_bytes \d+$/m);
});
