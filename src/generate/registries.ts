import { PACKAGE_TYPES, type PackageType } from '../contract/values.js';
import { COMPANY, STYLES } from './styles.js';

/** A registry of the company. */
export interface GeneratedRegistry {
  ref: string;
  packageType: PackageType;
}

const ORGANISATIONS = ['platform', 'commerce', 'payments', 'data', 'mobile', 'infra'];

const PROJECTS = ['web', 'mobile-app', 'search', 'identity', 'billing', 'logistics', 'reporting', 'sandbox'];

const SCOPES = [
  COMPANY,
  ...ORGANISATIONS.flatMap((organisation) => [
    `${COMPANY}/${organisation}`,
    ...PROJECTS.map((project) => `${COMPANY}/${organisation}/${project}`),
  ]),
];

/** How many registries the company has: one of each package type in every scope. */
export const MOST_REGISTRIES = PACKAGE_TYPES.length * SCOPES.length;

/** How far the scopes of two package types are apart, so that the first registries are of scopes of every depth. */
const STEP = 7;

/** Returns the registry of the given number, from 0; the first ones are of all package types, one each. */
export function registryOf(number: number): GeneratedRegistry {
  const type = number % PACKAGE_TYPES.length;
  const round = Math.floor(number / PACKAGE_TYPES.length);
  const packageType = PACKAGE_TYPES[type] as PackageType;
  const names = STYLES[packageType].registries;
  return { ref: `${SCOPES[(round + type * STEP) % SCOPES.length]}/${names[round % names.length]}`, packageType };
}
