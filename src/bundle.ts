/**
 * The entry of the build: one file that the command and the library share. Each of them is evaluated, and loads its
 * packages, only when it is used.
 */
export const loadCommand = () => require('./commands/main.js') as typeof import('./commands/main.js');
export const loadLibrary = () => require('./index.js') as typeof import('./index.js');
