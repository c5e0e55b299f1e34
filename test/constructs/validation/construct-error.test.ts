import { TerraformStack, Testing } from 'cdktf';

import { ConstructError, requireKnownProps } from '../../../constructs/validation/construct-error';

interface Props {
  readonly replicas?: number;
  readonly ssl?: { readonly hostname?: string };
}

const check = (props: object) => {
  requireKnownProps<Props>(new TerraformStack(Testing.app(), 'stack'), props, {
    replicas: true,
    ssl: { hostname: true },
  });
};

it('names the construct, the unknown property and the one that was probably meant', () => {
  expect(() => {
    check({ replcas: 2 });
  }).toThrow(
    new ConstructError(
      new TerraformStack(Testing.app(), 'stack'),
      'unknown property replcas; did you mean replicas?',
    ),
  );
  expect(() => {
    check({ ssl: { hostName: 'a' } });
  }).toThrow('stack: unknown property ssl.hostName; did you mean ssl.hostname?');
});

it('accepts known properties', () => {
  expect(() => {
    check({ replicas: 2, ssl: { hostname: 'a' } });
  }).not.toThrow();
});
