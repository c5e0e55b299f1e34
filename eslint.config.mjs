import eslint from '@eslint/js';
import jest from 'eslint-plugin-jest';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

const CDKTF_PACKAGES = ['cdktf', 'cdktf/*', 'constructs', '@cdktf/*'];

/** Module-level constants whose value stands in the source, such as numbers, texts and tables, in other than UPPER_CASE. */
const literalConstants = ['Program', 'Program > ExportNamedDeclaration']
  .flatMap((parent) => {
    const constant = `${parent} > VariableDeclaration[kind="const"] > VariableDeclarator[id.name=/[a-z]/]`;
    return ['init', 'init.expression'].flatMap((value) => [
      `${constant}[${value}.type="Literal"]`,
      `${constant}[${value}.type="ArrayExpression"][${value}.elements.length>0]`,
      `${constant}[${value}.type="UnaryExpression"][${value}.argument.type="Literal"]`,
      `${constant}[${value}.type="NewExpression"][${value}.callee.name=/^(Map|Set)$/][${value}.arguments.length>0]`,
      `${constant}[${value}.type=/^(BinaryExpression|TemplateLiteral)$/]:not(:has(CallExpression, MemberExpression, NewExpression))`,
    ]);
  })
  .join(', ');

const literalConstantNames = {
  selector: literalConstants,
  message: 'Write the name of a constant with a literal value in UPPER_CASE.',
};

export default tseslint.config(
  {
    ignores: [
      'build/',
      'dist/',
      'coverage/',
      'lib/wire/proto/types/',
      '**/cdktf.out/',
      '**/.cdktf-brainwave/',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        // The examples have projects of their own, each of which would load all bindings again.
        project: ['./tsconfig.json', './test/interop/browser/tsconfig.json'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      // Most messages contain numbers.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Classes with static factories (`SslSettings.selfSigned(…)`) are an idiom of the AWS CDK.
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['lib/**/*.ts', 'constructs/**/*.ts'],
    rules: {
      '@typescript-eslint/no-require-imports': [
        'error',
        {
          // Loaded on demand, because every stack and every command waits for all other imports.
          allow: [
            '^(@opentelemetry/api|fflate|json-p3|yaml)$',
            '^\\.{1,2}/(azure-ml-sdk/convert-definition|baseline-file|html|junit|layers-model-file|parse-service-definition|saved-model-file)$',
            '^\\./(graph|layers|onnx)-engine$',
            '^\\./types/file-descriptors$',
          ],
        },
      ],
    },
  },
  {
    // Each command waits only for its own imports.
    files: ['lib/cli/**/*.ts', 'lib/provisioner/**/*.ts'],
    rules: { '@typescript-eslint/no-require-imports': ['error', { allow: ['^\\.{1,2}/'] }] },
  },
  {
    files: ['lib/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: CDKTF_PACKAGES, message: 'lib/ runs without CDKTF; constructs/ declares.' }] },
      ],
    },
  },
  {
    files: ['lib/kubernetes/**/*.ts'],
    rules: {
      // The Kubernetes client declares API objects as classes without methods, and takes literals.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  {
    files: ['lib/server/**/*.ts', 'lib/serving/**/*.ts', 'lib/client/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: CDKTF_PACKAGES, message: 'lib/ runs without CDKTF; constructs/ declares.' },
            {
              group: ['**/local/*'],
              message: 'lib/local runs servers on this machine; a server runs anywhere.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['constructs/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'cdktf',
              importNames: ['Annotations'],
              message:
                'Use addWarning of constructs/validation: it puts no stack trace, with its paths, into cdktf.out.',
            },
          ],
          patterns: [
            {
              regex: '^@cdktf/provider-[a-z]+$',
              message: 'Import the submodule (@cdktf/provider-azurerm/lib/…): the index takes seconds.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect*', '**.expect*'] }],
    },
  },
  {
    files: ['test/**/*.ts', 'scripts/**/*.ts'],
    // A test or a script with a wrong assumption only needs to fail.
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.js', '**/*.cjs', '**/*.mjs'],
    languageOptions: {
      globals: {
        module: 'writable',
        require: 'readonly',
        process: 'readonly',
        __dirname: 'readonly',
        console: 'readonly',
      },
    },
  },
  {
    // The compiler checks these files, and knows the names of the browser.
    files: ['lib/playground/page/*.mjs'],
    rules: { 'no-undef': 'off' },
  },
  prettier,
  {
    rules: {
      // After the Prettier configuration, which disables this rule.
      curly: ['error', 'all'],
      'no-restricted-syntax': ['error', literalConstantNames],
    },
  },
  {
    files: ['constructs/**/*.ts', 'lib/contract/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        literalConstantNames,
        {
          selector: "BinaryExpression[operator='instanceof']:not([right.name=/Error$/])",
          message:
            'Complete the interface instead: an imported resource, or one of another copy of this package, is no instance.',
        },
        {
          selector: 'TSPropertySignature TSObjectKeyword, TSMethodSignature TSObjectKeyword',
          message: 'Name the type, so that renaming a field fails to compile.',
        },
      ],
    },
  },
);
