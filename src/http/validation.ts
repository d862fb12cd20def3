import type { Static, TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { FastifySchemaCompiler } from 'fastify';
import { PARAMETER_RULES, type ParameterName } from '../contract/parameters.js';
import { ApiError } from './errors.js';

/**
 * Compiles the schema of a route's parameters into a check that changes nothing: no coercion, no defaults, no removal.
 * Its error is a 400 whose `details` name the parameter, its value and what it must be.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const check = TypeCompiler.Compile(schema);
  return (parameters: unknown) => {
    if (check.Check(parameters)) return { value: parameters as Static<TSchema> };
    const first = check.Errors(parameters).First();
    const field = first?.path.slice(1) as ParameterName;
    const details = { field, value: first?.value, reason: PARAMETER_RULES[field] };
    return { error: new ApiError('invalidParameter', details, 'invalidParameter') };
  };
};
