const DOMAINS = `account address analytics audit auth basket billing booking budget calendar campaign cart catalogue
  checkout consent coupon customer delivery device discount document email fraud gift identity inventory invoice ledger
  loyalty media order partner payment pricing product profile promotion rating refund report returns review search
  shipping stock supplier tax wallet`.split(/\s+/);

const THINGS = `adapter admin agent api archive batch bridge cache checker client collector common config connector
  console core crawler dashboard dispatcher engine events exporter feed gateway graph handler hooks importer index jobs
  kit listener loader metrics monitor notifier parser planner portal proxy queue router rules scheduler service sync
  tools worker`.split(/\s+/);

const PAIRS = DOMAINS.length * THINGS.length;

/** Shares no divisor with PAIRS, so that its multiples pass through all pairs before one comes again. */
const STRIDE = 1031;

/** The words of which a name is made, such as `billing` and `worker`, or `worker-2` once all pairs are taken. */
export interface Words {
  domain: string;
  thing: string;
}

/** Returns the words of the given number, from 0; no other number has the same. */
export function wordsOf(number: number): Words {
  const pair = (number * STRIDE) % PAIRS;
  const round = Math.floor(number / PAIRS);
  const thing = THINGS[pair % THINGS.length] as string;
  return {
    domain: DOMAINS[Math.floor(pair / THINGS.length)] as string,
    thing: round === 0 ? thing : `${thing}-${round + 1}`,
  };
}
