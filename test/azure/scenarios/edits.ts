import type { Edit } from '../scenario';

/** An edit of a program's file. */
export function edit(file: string, text: string, replacement: string): Edit {
  return { file, text, replacement };
}

/** The edit that takes one back. */
export function undo({ file, text, replacement }: Edit): Edit {
  return { file, text: replacement, replacement: text };
}
