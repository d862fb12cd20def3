/** Writes a number of things, such as `1 registry` or `2 registries`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
