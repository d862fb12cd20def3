import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the project. */
export const PROJECT = join(__dirname, '../..');

/** The pages whose commands are run. */
export const MANUAL = [
  'README.md',
  ...readdirSync(join(PROJECT, 'docs')).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
];

/** All pages. */
export const PAGES = [...MANUAL, 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

/** Reads a file of the project. */
export const readPage = (page: string): string => readFileSync(join(PROJECT, page), 'utf8');

/** A fenced block; `file` is the name in `file=NAME` or `fixture=NAME`. */
export interface Fence {
  language: string;
  file: string | undefined;
  text: string;
}

export function readFences(page: string): Fence[] {
  const fences = readPage(page).matchAll(/^```(\w+)(?: (?:file|fixture)=(\S+))?\n(.*?)^```$/gms);
  return [...fences].map(([, language = '', file, text = '']) => ({ language, file, text }));
}

/** A command of a console block with its output. */
export interface Step {
  command: string;
  output: string;
}

/** Reads the commands of a page's console blocks. A backslash at the end of a line continues a command. */
export function readSteps(page: string): Step[] {
  const blocks = readFences(page).filter(({ language }) => language === 'console');
  return blocks.flatMap(({ text }) =>
    text
      .split(/^\$ /m)
      .slice(1)
      .map((step) => {
        const [command = ''] = /^(?:[^\n]*\\\n)*[^\n]*/.exec(step) ?? [];
        return { command, output: step.slice(command.length).trim() };
      }),
  );
}

/** Reads the cells of the table that follows the comment `<!-- table: NAME -->` on one of the pages. */
export function readTable(name: string): string[][] {
  const [found, ...others] = MANUAL.flatMap((page) => readPage(page).split(`<!-- table: ${name} -->\n`).slice(1));
  if (found === undefined || others.length > 0) throw new Error(`expected one table "${name}" in the docs`);
  const [rows = ''] = /^(?:\|.*\n)+/.exec(found) ?? [];
  return rows
    .trim()
    .split('\n')
    .slice(2)
    .map((row) =>
      row
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    );
}

/** The texts in backticks of a cell. */
export const codesIn = (cell = ''): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
