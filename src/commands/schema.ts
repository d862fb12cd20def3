import { fixtureJsonSchema } from '../seed/format.js';
import { NAME } from '../util/package.js';
import { type Command, type Help, requireNoArguments } from './io.js';

export const help: Help = {
  usage: 'schema',
  description: 'print the JSON Schema of fixture files',
  examples: [`${NAME} schema > fixture.schema.json`, `${NAME} schema | grep description`],
};

/** `schema`: prints the JSON Schema of fixture files, for editors. */
export const run: Command = async (args, { stdout }) => {
  requireNoArguments('schema', args);
  stdout.write(`${JSON.stringify(fixtureJsonSchema(), null, 2)}\n`);
  return 0;
};
