import type { ArtifactType } from '../contract/values.js';
import type { Dice } from './dice.js';
import { type GeneratedRegistry, MOST_REGISTRIES, registryOf } from './registries.js';
import { STYLES } from './styles.js';
import { wordsOf } from './words.js';

/** An artifact of the company, and how many versions it has. */
export interface GeneratedArtifact {
  registry: GeneratedRegistry;
  name: string;
  artifactType?: ArtifactType;
  versions: number;
}

/** How many registries there are at first: one of each package type. */
const FIRST_REGISTRIES = Object.keys(STYLES).length;

/** How many artifacts there are for every further registry, until the company has all of them. */
const ARTIFACTS_PER_REGISTRY = 40;

/** Most artifacts have few versions, and few have many; each number is as likely as the others to be the limit. */
const MOST_VERSIONS = [3, 6, 9, 12, 16, 24, 60, 200];

/** Makes what makes artifacts without end, in the order in which they are written; no two are the same. */
export function createArtifacts(dice: Dice): () => GeneratedArtifact {
  const sizes = new Array<number>(MOST_REGISTRIES).fill(0);
  let made = 0;
  return () => {
    const number = made < FIRST_REGISTRIES ? made : pickRegistry(made, dice);
    const size = sizes[number] as number;
    sizes[number] = size + 1;
    // So that even the first hundred lines are of many artifacts.
    const limit = Math.min(dice.pick(MOST_VERSIONS), made + 6);
    made += 1;
    return { ...nameArtifact(registryOf(number), number + size), versions: 1 + dice.below(limit) };
  };
}

/** Draws a registry of those that are there by now; an old one is likelier than a new one. */
function pickRegistry(made: number, dice: Dice): number {
  const opened = Math.min(MOST_REGISTRIES, FIRST_REGISTRIES + Math.floor(made / ARTIFACTS_PER_REGISTRY));
  return Math.min(dice.below(opened), dice.below(opened));
}

/** Names the artifact of a number in a registry. A model and a dataset share a name now and then. */
function nameArtifact(registry: GeneratedRegistry, number: number): Omit<GeneratedArtifact, 'versions'> {
  const { name } = STYLES[registry.packageType];
  if (registry.packageType !== 'HUGGINGFACE') return { registry, name: name(wordsOf(number)) };
  const isTwin = number % 8 === 7;
  const artifactType = number % 4 === 3 ? 'dataset' : 'model';
  return { registry, name: name(wordsOf(isTwin ? number - 1 : number)), artifactType };
}
