/** The fields of this repository's `package.json` that the package for jsii takes over, besides those it takes as they are. */
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

/** Of the peers, those that are packages of jsii's themselves; each has its Python package. */
const JSII_PACKAGE = /^(cdktf|constructs|@cdktf\/.*)$/;

/** The `package.json` that jsii compiles by. */
export function jsiiPackage(own: OwnPackage): object {
  const peers = Object.entries(own.peerDependencies).filter(([name]) => JSII_PACKAGE.test(name));
  return {
    ...Object.fromEntries(TAKEN_OVER.map((field) => [field, own[field]])),
    // jsii asks for both.
    author: own.author ?? { name: 'The cdktf-brainwave authors' },
    repository: own.repository ?? { type: 'git', url: 'https://example.com/cdktf-brainwave.git' },
    stability: 'experimental',
    files: [...own.files, '.jsii'],
    // Packages of other kinds travel within.
    bundledDependencies: Object.keys(own.dependencies),
    peerDependencies: Object.fromEntries(peers),
    // jsii wants the oldest version of each named here; compiled against is what the repository has installed.
    devDependencies: Object.fromEntries(peers.map(([name, range]) => [name, range.replace('^', '')])),
    jsii: {
      outdir: 'out',
      targets: { python: { distName: 'cdktf-brainwave', module: 'cdktf_brainwave' } },
      tsconfig: 'tsconfig.json',
      validateTsconfig: 'minimal',
    },
  };
}
