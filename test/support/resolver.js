const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const sources = ['test', 'scripts'].map((folder) => path.join(root, folder));

/**
 * Tests run against the published files: where a test or a script imports lib/ or constructs/, it gets the compiled
 * file. Worker threads and the detached server need compiled files anyway, and each class has one identity.
 */
module.exports = (request, options) => {
  const isRelative = request.startsWith('.') && sources.some((folder) => options.basedir.startsWith(folder));
  const target = isRelative ? path.relative(root, path.resolve(options.basedir, request)) : '';
  return /^(?:lib|constructs)(?:\/|$)/.test(target)
    ? options.defaultResolver(path.join(root, 'dist', target), options)
    : options.defaultResolver(request, options);
};
