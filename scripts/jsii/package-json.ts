/** Fields of this repository's `package.json` that the package for jsii uses, except those that it copies unchanged. */
export interface OwnPackage {
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly author?: unknown;
  readonly repository?: unknown;
  readonly [field: string]: unknown;
}

const TAKEN_OVER = [
  'name',
  'version',
  'description',
  'keywords',
  'license',
  'main',
  'types',
  'engines',
  'dependencies',
];

/** Peer dependencies that are jsii packages, each with a Python package. */
const JSII_PACKAGE = /^(cdktf|constructs|@cdktf\/.*)$/;

/** Returns the `package.json` for jsii. */
export function jsiiPackage(own: OwnPackage): object {
  const peers = Object.entries(own.peerDependencies).filter(([name]) => JSII_PACKAGE.test(name));
  return {
    ...Object.fromEntries(TAKEN_OVER.map((field) => [field, own[field]])),
    // jsii requires both.
    author: own.author ?? { name: 'The cdktf-brainwave authors' },
    repository: own.repository ?? { type: 'git', url: 'https://example.com/cdktf-brainwave.git' },
    stability: 'experimental',
    files: own.files,
    // Packages without jsii support are bundled.
    bundledDependencies: Object.keys(own.dependencies),
    peerDependencies: Object.fromEntries(peers),
    // jsii requires the oldest supported version of each here; it compiles against the versions installed in the repository.
    devDependencies: Object.fromEntries(peers.map(([name, range]) => [name, range.replace('^', '')])),
    jsii: {
      outdir: 'out',
      targets: { python: { distName: 'cdktf-brainwave', module: 'cdktf_brainwave' } },
      tsconfig: 'tsconfig.json',
      validateTsconfig: 'minimal',
    },
  };
}
