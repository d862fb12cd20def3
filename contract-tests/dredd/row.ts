import { packageFile, packageVersion, type Row, runProgram, toResult } from '../row.js';

/** Sends one request per documented response. */
export const dredd: Row = {
  tool: 'Dredd',
  prepare: () => packageVersion('dredd'),
  async run({ url, document }) {
    const flags = ['--hookfiles', 'hooks.js', '--loglevel', 'warning', '--no-color'];
    const args = [packageFile('dredd', 'bin/dredd'), document, url, ...flags];
    const ended = await runProgram(process.execPath, args, { cwd: __dirname });
    return toResult(ended, /complete: .* (\d+) total/, /complete: (\d+) passing/);
  },
};
