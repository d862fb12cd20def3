// Writes the tables that are made from the recorded answers: node --require=./.config/register.cjs test/upstream/write-docs.ts
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { PROJECT, readPage } from '../docs/page.js';
import { compareAll } from './corpus.js';
import { makeTables } from './tables.js';

t.test('the tables are written', async (t) => {
  const tables = makeTables(await compareAll(t, 'all'), await compareAll(t, 'portable'));
  for (const { page, name, head, rows } of tables) {
    const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
    const comment = `<!-- table: ${name} -->\n`;
    const [before = '', after = ''] = readPage(page).split(comment);
    writeFileSync(join(PROJECT, page), `${before}${comment}${lines.join('')}${after.replace(/^(?:\|.*\n)+/, '')}`);
  }
});
