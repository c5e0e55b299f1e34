import path from 'node:path';

/** Where peers are installed: beside the packages, in no commit. */
export const cache = path.resolve(__dirname, '../../node_modules/.cache/cdktf-brainwave-bench');
