const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const tests = path.join(root, 'test');

/**
 * What is tested is what is published: a test's imports of the sources lead to the compiled files. Worker
 * threads and the detached server need compiled files anyway, and a class has one identity.
 */
module.exports = (request, options) => {
  const source = /^(?:\.\.\/)+((?:lib|constructs)(?:\/.*)?)$/.exec(request);
  return source && options.basedir.startsWith(tests)
    ? options.defaultResolver(path.join(root, 'dist', source[1]), options)
    : options.defaultResolver(request, options);
};
