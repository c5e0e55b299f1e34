import { Testing } from 'cdktf';
import { Construct } from 'constructs';

import { nameFromPath } from '../../../constructs/azure/derived-name';

/** A construct whose path is `path`. */
function at(path: string): Construct {
  return path.split('/').reduce<Construct>((scope, id) => new Construct(scope, id), Testing.app());
}

describe("a name made of a construct's path", () => {
  it.each([
    ['quickstart/Service', 'quickstart-service'],
    ['Prod/PetScoring/SmokeTest', 'prod-pet-scoring-smoke-test'],
    ['a/-b_c.d-', 'a-b-c-d'],
    ['stack/Größe', 'stack-gr-e'],
  ])('%s is %s', (path, name) => {
    expect(nameFromPath(at(path))).toBe(name);
  });

  it('has at most the length of a service name, and differs if the paths differ', () => {
    const paths = ['a', 'b'].map((end) => `${'Long/'.repeat(40)}${end}`);
    const names = paths.map((path) => nameFromPath(at(path)));
    expect(names[0]).toMatch(/^long-(long-)+.*-[0-9a-f]{8}$/);
    expect(names[0]).toHaveLength(128);
    expect(new Set(names).size).toBe(2);
  });

  it('is a hash where the path has no letter or digit of ASCII', () => {
    expect(nameFromPath(at('模型'))).toMatch(/^[0-9a-f]{8}$/);
  });
});
