import t from 'tap';
import { createTally } from '../../src/control/tally.js';
import { exchangeOf } from './support.js';

t.test('counts requests by what is no name', async (t) => {
  const tally = createTally();
  tally.add(exchangeOf({ duration: 1 }), 'published');
  tally.add(exchangeOf({ duration: 2, target: '/other', key: 'other', session: 'other' }), 'published');
  tally.add(exchangeOf({ duration: 4, status: 404 }), undefined);
  const fault = { trigger: 'armed' as const, id: 1, fault: { network: 'reset' as const } };
  tally.add(exchangeOf({ duration: 8, status: undefined, fault }), 'encoded');
  const labels = { route: 'details', status: '200', spelling: 'published', fault: 'none' };
  t.strictSame(tally.list(), [
    { labels, requests: 2, duration: 3 },
    { labels: { ...labels, route: 'unknown', status: '404', spelling: 'none' }, requests: 1, duration: 4 },
    { labels: { ...labels, status: 'none', spelling: 'encoded', fault: 'armed' }, requests: 1, duration: 8 },
  ]);
});
