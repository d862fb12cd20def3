import type { FixtureLine } from '../../src/fixtures/format.js';
import { generateFixtures } from '../../src/generate/fixtures.js';

/** Generates versions as one text. */
export function generateText(versions: number, seed = 1): string {
  return [...generateFixtures(versions, seed)].join('');
}

/** Generates versions as the objects of the lines. */
export function generateLines(versions: number, seed = 1): FixtureLine[] {
  const lines = generateText(versions, seed).split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

/** Groups lines by what a function tells of them, and keeps their order. */
export function groupBy(lines: readonly FixtureLine[], keyOf: (line: FixtureLine) => string): FixtureLine[][] {
  const groups = new Map<string, FixtureLine[]>();
  for (const line of lines) {
    const key = keyOf(line);
    const group = groups.get(key) ?? [];
    group.push(line);
    groups.set(key, group);
  }
  return [...groups.values()];
}
