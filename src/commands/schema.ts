import { fixtureJsonSchema } from '../seed/format.js';
import { type Command, requireNoArguments } from './io.js';

/** `schema`: prints the JSON Schema of fixture files, for editors. */
export const run: Command = async (args, { stdout }) => {
  requireNoArguments('schema', args);
  stdout.write(`${JSON.stringify(fixtureJsonSchema(), null, 2)}\n`);
  return 0;
};
