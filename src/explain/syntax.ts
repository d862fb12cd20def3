import { PathSyntaxSchema, QueryParametersSchema } from '../contract/parameters.js';
import type { ApiError, BadInput } from '../http/errors.js';
import { compileValidator } from '../http/validation.js';
import type { ReadTarget } from './read-target.js';

type Check = (parameters: unknown) => { error?: unknown };

let checks: { path: Check; query: Check } | undefined;

/** Compiles the route's own checks, at their first use. */
function compiled(): { path: Check; query: Check } {
  const compile = (schema: typeof PathSyntaxSchema | typeof QueryParametersSchema) =>
    compileValidator({ schema, method: 'GET', url: '', httpPart: '' }) as Check;
  checks ??= { path: compile(PathSyntaxSchema), query: compile(QueryParametersSchema) };
  return checks;
}

/** Returns the refusal of parameters that are not well-formed, or undefined for good ones. */
export function findBadParameter({ path, query }: ReadTarget): ApiError | undefined {
  const { registryRef, artifact, version } = path;
  const { path: checkPath, query: checkQuery } = compiled();
  const { error = checkQuery(query).error } = checkPath({ registry_ref: registryRef, artifact, version });
  return error as ApiError | undefined;
}

/** Tells what a refusal of a parameter says in its details. */
export function badInputOf({ envelope }: ApiError): BadInput {
  return envelope.details as BadInput;
}
