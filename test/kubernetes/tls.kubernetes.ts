import { createAuthority, issueCertificate, type Authority } from '../support/certificates';
import type { Calls } from './support/callers';
import { NO_CALL_LOST, whileCalling } from './support/scenario';
import { HOSTNAME, ScoringProject, type ScoringServiceProps } from './support/scoring-project';

/*
 * Certificates and keys of a service. Each test continues where the one before it has ended.
 */

type Tls = NonNullable<ScoringServiceProps['tls']>;

let project: ScoringProject;
let authority: Authority;
let tls: Tls;

beforeAll(async () => {
  project = await ScoringProject.create('tls');
  authority = await createAuthority({ name: 'Certificates of the tests' });
  const keys = { primary: key('a'), secondary: key('b') };
  tls = { root: authority.root, certificate: await certificate(), keys };
  await project.deploy({});
});

afterAll(async () => {
  await project.remove();
});

it('TLS and keys are turned on: callers without TLS get no answer that is not an error of the connection', async () => {
  const calls = await whileCalling(project, 'TLS turned on, callers without TLS', () =>
    project.deploy({ tls }),
  );
  expectRefused(calls);
  expect(await whileCalling(project, 'TLS turned on, new callers', () => Promise.resolve())).toMatchObject(
    NO_CALL_LOST,
  );
});

it('a changed certificate is served without a lost call', async () => {
  await expectNoCallLost('Certificate changed', { ...tls, certificate: await certificate() });
});

it('the secondary key is rotated without a lost call of callers with the primary key', async () => {
  const { primary } = tls.keys;
  await expectNoCallLost('Secondary key rotated', { ...tls, keys: { primary, secondary: key('c') } });
});

it('the primary key is rotated without a lost call of callers with the former one, which becomes the secondary key', async () => {
  const { primary: former } = tls.keys;
  const rotated = { ...tls, keys: { primary: key('d'), secondary: former } };
  const calls = await whileCalling(project, 'Primary key rotated', () => project.deploy({ tls: rotated }), {
    key: former,
  });
  expect(calls).toMatchObject(NO_CALL_LOST);
  tls = rotated;
});

it('TLS and keys are turned off: callers with TLS get no answer that is not an error of the connection', async () => {
  const calls = await whileCalling(project, 'TLS turned off, callers with TLS', () => project.deploy({}));
  expectRefused(calls);
  expect(await whileCalling(project, 'TLS turned off, new callers', () => Promise.resolve())).toMatchObject(
    NO_CALL_LOST,
  );
});

/** Callers that stay connected are served until their pods stop. Nobody answers at their port then. */
function expectRefused({ made, lost, wrong, errors }: Calls): void {
  expect(wrong).toBe(0);
  expect(made).toBeGreaterThan(lost);
  for (const error of errors) {
    expect(error).toMatch(/^(CONNECTION_FAILED|CERTIFICATE|UNAVAILABLE): /);
  }
}

async function expectNoCallLost(scenario: string, changed: Tls): Promise<void> {
  tls = changed;
  expect(await whileCalling(project, scenario, () => project.deploy({ tls }))).toMatchObject(NO_CALL_LOST);
}

function certificate() {
  return issueCertificate({ names: [HOSTNAME], issuer: authority });
}

function key(letter: string): string {
  return letter.repeat(32);
}
