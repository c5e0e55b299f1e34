/** One line of a Dockerfile, its continuations joined. */
export interface Instruction {
  /** In capitals: `RUN`. */
  readonly name: string;
  readonly argument: string;
}

export interface DockerfileStage {
  readonly baseImage: string;
  /** What `COPY --from` calls it. */
  readonly name?: string;
  readonly instructions: readonly Instruction[];
}

/** Reads the stages of a Dockerfile. */
export function parseDockerfile(text: string): DockerfileStage[] {
  const stages: (DockerfileStage & { instructions: Instruction[] })[] = [];
  for (const line of text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll('\\\n', '')
    .split('\n')) {
    const [, name, argument] = /^\s*([A-Z]+)\s+(.*?)\s*$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [, baseImage, stage] = /^(\S+)(?: AS (\S+))?$/.exec(argument)!;
      stages.push({ baseImage, ...(stage && { name: stage }), instructions: [] });
    } else if (line.trim() !== '') {
      stages.at(-1)!.instructions.push({ name, argument });
    }
  }
  return stages;
}
