import { availableParallelism, cpus, platform, release, totalmem } from 'node:os';

/** The machine that a run was on. */
export interface Machine {
  processor: string;
  cores: number;
  /** In bytes. */
  memory: number;
  kernel: string;
  node: string;
}

/** Describes this machine. */
export function describeMachine(): Machine {
  return {
    processor: [...new Set(cpus().map(({ model }) => model))].join(', '),
    cores: availableParallelism(),
    memory: totalmem(),
    kernel: `${platform()} ${release()}`,
    node: process.version,
  };
}
