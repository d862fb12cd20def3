import { ArtifactDetailSchema, type ArtifactType, type PackageType } from '../api/schema.js';
import { checkFault, type Fault, FaultSchema } from '../faults/fault.js';
import { checkRule, type FaultRule } from '../faults/rule.js';
import type { ApiKey, VersionRow } from '../store/types.js';
import { type DocumentPath, requireEncodable, requireJson, ValidationError, validate } from '../util/validate.js';
import { type FixtureApiKey, type FixtureVersion, isComment } from './format.js';

/** Converts a version of a fixture. Throws a ValidationError for what the schema cannot express. */
export function toVersionRow(fixture: FixtureVersion): VersionRow {
  const { version, size, createdBy, downloadCount, quarantineReason, extra, fault } = fixture;
  requireTexts(fixture);
  return {
    version,
    size: typeof size === 'number' ? formatSize(size) : size,
    createdAt: toTime('createdAt', fixture.createdAt),
    createdBy,
    modifiedAt: toTime('modifiedAt', fixture.modifiedAt),
    downloadCount,
    quarantineReason,
    extra: extra && toExtra(extra),
    fault: fault && toFault(fault),
  };
}

/** Converts the children of a version. Throws a ValidationError for a repeated child, or one outside DOCKER. */
export function toChildRows({ children = [] }: FixtureVersion, packageType: PackageType): VersionRow[] {
  if (children.length > 0 && packageType !== 'DOCKER') {
    throw new ValidationError(['children'], `only a DOCKER version has children, and this registry is ${packageType}`);
  }
  const known = new Map<string, number>();
  return children.map((child, index) => {
    const first = known.get(child.version);
    if (first !== undefined) {
      throw new ValidationError(['children', index], `child ${child.version} is already children[${first}]`);
    }
    known.set(child.version, index);
    return atPath(['children', index], () => toVersionRow(child));
  });
}

/** Throws a ValidationError for a member that is a text with half of a surrogate pair. */
export function requireTexts(members: object): void {
  for (const [key, text] of Object.entries(members)) if (typeof text === 'string') requireEncodable([key], text);
}

/** Converts an API key of a fixture. Throws a ValidationError for an impossible time, or half of a surrogate pair. */
export function toApiKey(fixture: FixtureApiKey): ApiKey {
  const { name, grants, expiresAt, revoked = false } = fixture;
  requireTexts(fixture);
  for (const [index, grant] of grants.entries()) requireEncodable(['grants', index], grant);
  const time = toTime('expiresAt', expiresAt);
  if (Number(time ?? 0) > Number.MAX_SAFE_INTEGER) {
    throw new ValidationError(['expiresAt'], `found "${time}", expected at most ${Number.MAX_SAFE_INTEGER}`);
  }
  return { name, grants, expiresAt: time === undefined ? undefined : Number(time), revoked };
}

/** Throws a ValidationError for a ref or a name of an artifact that no URL can express. */
export function requireName(key: string, name: string): void {
  requireEncodable([key], name);
  if (/(?:^|\/)\+$/.test(name)) throw new ValidationError([key], 'ends in the marker /+, which belongs to the URL');
}

/** Throws a ValidationError unless exactly the artifacts of HUGGINGFACE have a type. */
export function checkArtifact(packageType: PackageType, artifactType: ArtifactType | undefined): void {
  const isTyped = packageType === 'HUGGINGFACE';
  if (isTyped === (artifactType !== undefined)) return;
  if (isTyped) throw new ValidationError(['artifactType'], 'missing key "artifactType"; expected model or dataset');
  const reason = `only a HUGGINGFACE artifact has a type, and this registry is ${packageType}`;
  throw new ValidationError(['artifactType'], reason);
}

function toTime(field: string, text: string | undefined): string | undefined {
  const time = text && parseTime(text);
  if (text === undefined || time !== undefined) return time;
  throw new ValidationError([field], `found "${text}", expected an existing date and time`);
}

/** Where the contract's fields belong that are not members of a version. */
const PLACES: Partial<Record<string, string>> = {
  packageType: 'packageType belongs to the registry, not inside extra',
  artifactType: 'artifactType belongs to the artifact, not inside extra',
  name: 'name belongs to the artifact, not inside extra',
  isQuarantined: 'isQuarantined follows from quarantineReason, which belongs beside extra',
};

function toExtra(extra: Record<string, unknown>): string | undefined {
  for (const [key, value] of Object.entries(extra)) {
    if (value !== undefined && Object.hasOwn(ArtifactDetailSchema.properties, key)) {
      throw new ValidationError(['extra', key], PLACES[key] ?? `${key} belongs beside extra, not inside it`);
    }
  }
  requireJson(extra, ['extra']);
  const text = JSON.stringify(extra);
  return text === '{}' ? undefined : text;
}

function toFault(fault: Fault): string {
  const valid = atPath(['fault'], () => validate(FaultSchema, withoutComments(fault)));
  checkFault(valid, ['fault']);
  return JSON.stringify(valid);
}

/** Converts a fault rule of a fixture. Throws a ValidationError. */
export const toRule = (rule: FaultRule): FaultRule => checkRule(withoutComments(rule));

/** Removes the comments of a fault or a rule; the details of an error are free-form data. */
function withoutComments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutComments);
  if (typeof value !== 'object' || value === null) return value;
  const own = Object.entries(value).filter(([key]) => !isComment(key));
  return Object.fromEntries(own.map(([key, member]) => [key, key === 'details' ? member : withoutComments(member)]));
}

/** Runs a conversion; the paths of its ValidationErrors are below the given path. */
export function atPath<Result>(path: DocumentPath, convert: () => Result): Result {
  try {
    return convert();
  } catch (error) {
    throw error instanceof ValidationError ? new ValidationError([...path, ...error.path], error.reason) : error;
  }
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/**
 * Formats a number of bytes as the vendor prints it, such as `69.56MB`: base 1024, two decimals, no space (source:
 * upstream, whose Go formatting rounds an exact half to the even neighbour).
 */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < UNITS.length - 1; unit += 1) value /= 1024;
  // toFixed would round an exact half up; only odd multiples of 1/8 are such halves.
  const below = Math.floor(value * 100);
  const rounded = (value * 8) % 2 === 1 ? (below + (below % 2)) / 100 : value;
  return `${rounded.toFixed(2)}${UNITS[unit]}`;
}

const FIRST_TIME = Date.parse('0000-01-01');

/**
 * Converts ISO 8601 to epoch milliseconds as a decimal string; digits are kept verbatim. Returns undefined for a date
 * that does not exist, or before the year 0 in UTC, which four digits of an export could not express.
 */
export function parseTime(text: string): string | undefined {
  if (/^\d+$/.test(text)) return text;
  const milliseconds = Date.parse(text);
  const isCalendarDay = new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10));
  return milliseconds >= FIRST_TIME && isCalendarDay ? String(milliseconds) : undefined;
}
