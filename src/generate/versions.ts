import type { GeneratedArtifact } from './artifacts.js';
import type { Dice } from './dice.js';
import { firstRelease, nextRelease } from './releases.js';
import { COMPANY, STYLES } from './styles.js';

const AUTHORS = `ci release-bot amelie.durand bjorn.lind carlos.vega chioma.obi dana.levi elena.rossi farid.khan
  grace.chen hana.sato ivan.petrov jonas.weber katya.moroz liam.murphy maria.silva nikhil.rao olga.nowak pedro.alves
  ruth.adler samir.haddad tessa.bakker`
  .split(/\s+/)
  .map((name) => `${name}@${COMPANY}.example`);

/** The company publishes from 2018 to the end of 2024, in seconds. */
const BEGIN = 1_514_764_800;
const END = 1_735_689_600;

/** How often a version is downloaded at most; each number is as likely as the others to be the limit. */
const MOST_DOWNLOADS = [10, 100, 100, 1_000, 1_000, 10_000, 250_000];

/** Writes the versions of an artifact, a line each. Their numbers and dates rise, so that no two are the same. */
export function* writeVersions(artifact: GeneratedArtifact, dice: Dice): Generator<string> {
  const { versions } = artifact;
  const { packageType } = artifact.registry;
  const style = STYLES[packageType];
  const head = writeHead(artifact);
  const size = drawSize(style.sizes, dice);
  const growth = Math.floor(size / 8) + 1;
  const team = dice.below(AUTHORS.length);
  let release = firstRelease(dice);
  let created = BEGIN + dice.below(END - BEGIN - versions);
  const longestPause = Math.floor((END - created) / versions);

  for (let written = 0; written < versions; written += 1) {
    const modified = created + (dice.oneIn(6) ? dice.below(longestPause) : 0);
    const author = AUTHORS[dice.oneIn(2) ? 0 : (team + dice.below(3)) % AUTHORS.length];
    const downloads = dice.below(dice.pick(MOST_DOWNLOADS));
    const flaw = dice.oneIn(150) ? writeFlaw(dice) : '';
    const children = packageType === 'DOCKER' && dice.oneIn(5) ? writeChildren(size, created, dice) : '';
    yield `${head}${style.version(release)}","size":${size + dice.below(growth)},"downloadCount":${downloads},` +
      `"createdAt":"${created}000","createdBy":"${author}","modifiedAt":"${modified}000"${flaw}${children}}\n`;
    release = nextRelease(release, dice);
    created += 1 + dice.below(longestPause);
  }
}

/** All that is written here is ASCII without what JSON escapes. */
function writeHead({ registry, name, artifactType }: GeneratedArtifact): string {
  const type = artifactType === undefined ? '' : `"artifactType":"${artifactType}",`;
  const { ref, packageType } = registry;
  return `{"registry":"${ref}","packageType":"${packageType}","artifact":"${name}",${type}"version":"`;
}

/** Most artifacts are small for their type. */
function drawSize([small, large]: readonly [number, number], dice: Dice): number {
  return small + dice.below(Math.floor((large - small) / (dice.oneIn(4) ? 1 : 16)));
}

function writeFlaw(dice: Dice): string {
  return `,"quarantineReason":"CVE-${2018 + dice.below(7)}-${10_000 + dice.below(40_000)}"`;
}

/** An image has a child for each of two or three platforms. */
function writeChildren(size: number, created: number, dice: Dice): string {
  const children = Array.from({ length: 2 + dice.below(2) }, () => {
    const digest = Array.from({ length: 8 }, () => writeHex(dice)).join('');
    return `{"version":"sha256:${digest}","size":${size - dice.below(size >> 3)},"createdAt":"${created}000"}`;
  });
  return `,"children":[${children.join(',')}]`;
}

function writeHex(dice: Dice): string {
  return dice
    .below(2 ** 32)
    .toString(16)
    .padStart(8, '0');
}
