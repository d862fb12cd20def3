/** Tells a person what a run is at. */
export type Progress = (step: string) => void;
