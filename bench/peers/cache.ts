import path from 'node:path';

/** Folder in which peers are installed: in node_modules, outside of version control. */
export const cache = path.resolve(__dirname, '../../node_modules/.cache/cdktf-brainwave-bench');
