import t from 'tap';
import { createSessions, MOST_SESSIONS, SESSION_LIFETIME } from '../../src/control/sessions.js';

/** Sessions whose clock a test sets, and the names of those that have expired. */
function make(seed = 1) {
  const clock = { now: 0 };
  const expired: string[] = [];
  const sessions = createSessions(
    seed,
    (name) => expired.push(name),
    () => clock.now,
  );
  return { clock, expired, sessions };
}

t.test('a name has one session, and no name the nameless one', async (t) => {
  const { sessions } = make();
  t.equal(sessions.enter('a'), sessions.enter('a'));
  t.not(sessions.enter('a'), sessions.enter('b'));
  t.equal(sessions.enter(undefined), sessions.enter(undefined));
  t.equal(sessions.enter('a').name, 'a');
  t.equal(sessions.enter(undefined).name, undefined);
});

t.test('each has a generator of its own, from the same seed', async (t) => {
  const { sessions } = make(5);
  const draw = (name?: string) => [sessions.enter(name).random(), sessions.enter(name).random()];
  const first = draw();
  t.strictSame(draw('a'), first);
  t.strictSame(draw('b'), first);
  t.notSame(draw('a'), first);

  sessions.reset('a');
  t.strictSame(draw('a'), first);
  t.notSame(draw('b'), first, 'the others go on');
  sessions.reset();
  for (const name of [undefined, 'a', 'b']) t.strictSame(draw(name), first);
});

t.test('a session expires some time after its last request', async (t) => {
  const { clock, expired, sessions } = make();
  sessions.enter('old');
  const kept = sessions.enter('kept');
  clock.now = SESSION_LIFETIME - 1;
  t.equal(sessions.enter('kept'), kept);
  t.strictSame(expired, []);
  clock.now = SESSION_LIFETIME;
  t.equal(sessions.enter('kept'), kept);
  t.strictSame(expired, ['old']);
});

t.test('a session lives on when the time of day is set', async (t) => {
  const expired: string[] = [];
  const sessions = createSessions(1, (name) => expired.push(name));
  const session = sessions.enter('a');
  t.intercept(Date, 'now', { value: () => 1e15 });
  t.equal(sessions.enter('a'), session);
  t.strictSame(expired, []);
});

t.test('there are never more than so many, and an expired one makes room', async (t) => {
  const { clock, expired, sessions } = make();
  for (let index = 0; index < MOST_SESSIONS; index += 1) sessions.enter(`s${index}`);
  clock.now = 1;
  t.equal(sessions.enter('s0').name, 's0', 'a known one is let in');
  t.throws(() => sessions.enter('one more'), {
    message: 'there are 1000 sessions already, and no more are held: one ends 15 minutes after its last request',
  });
  clock.now = SESSION_LIFETIME;
  t.equal(sessions.enter('one more').name, 'one more');
  t.equal(expired.length, MOST_SESSIONS - 1);
  t.notOk(expired.includes('s0'));
});
