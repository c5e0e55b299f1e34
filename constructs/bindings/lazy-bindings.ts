import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Construct } from 'constructs';

import { PACKAGE_FOLDER } from '../../lib/files/package-folder';
import { ConstructError } from '../validation/construct-error';

/** Classes of a module of provider bindings. Each takes its scope and its ID first. */
type BindingsModule = Readonly<Record<string, unknown>>;

/** Constructor of any class of provider bindings. */
type BindingClass = new (scope: Construct, id: string, ...config: unknown[]) => Construct;

/**
 * Returns the modules of a package of provider bindings, which are loaded when a construct first declares one of their
 * resources. A stack therefore needs only the packages whose resources it declares, and synth loads only those classes.
 * @param packageName peer dependency of this package
 */
// The caller names the module's type, because the module is not imported.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function lazyBindings(packageName: string): <Module>(moduleName: string) => Module {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
  return <Module>(moduleName: string) => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the name is known only here
    const load = () => require(`${packageName}/lib/${moduleName}`) as BindingsModule;
    return new Proxy({}, { get: (_, name: string) => lazyClass(packageName, name, load) }) as Module;
  };
}

/** Returns a class that is loaded when its first instance is created. Static members load it, too. */
function lazyClass(packageName: string, name: string, load: () => BindingsModule): BindingClass {
  const loaded = () => load()[name] as BindingClass;
  // A proxy of a class could not replace its prototype, which `instanceof` reads.
  const target = function () {
    // Never called.
  } as unknown as BindingClass;
  return new Proxy(target, {
    construct: (_, args: ConstructorParameters<BindingClass>) => {
      const [scope] = args;
      let binding: BindingClass;
      try {
        binding = loaded();
      } catch (cause) {
        throw isInstalled(packageName) ? cause : notInstalled(scope, name, packageName, cause);
      }
      return new binding(...args);
    },
    get: (_, member) => Reflect.get(loaded(), member) as unknown,
  });
}

function isInstalled(packageName: string): boolean {
  try {
    require.resolve(`${packageName}/package.json`);
    return true;
  } catch {
    return false;
  }
}

function notInstalled(scope: Construct, name: string, packageName: string, cause: unknown): ConstructError {
  const manifest = readFileSync(path.join(PACKAGE_FOLDER, 'package.json'), 'utf8');
  const { peerDependencies } = JSON.parse(manifest) as { peerDependencies: Record<string, string> };
  return new ConstructError(
    scope,
    `the package ${packageName}, which contains ${name}, is not installed; run ` +
      `\`npm install --ignore-scripts ${packageName}@${peerDependencies[packageName]}\``,
    { cause },
  );
}
