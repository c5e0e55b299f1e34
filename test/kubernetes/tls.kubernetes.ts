import { createAuthority, issueCertificate, type Authority } from '../support/certificates';
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

it('TLS and keys are turned on', async () => {
  await project.deploy({ tls });
  expect(await whileCalling(project, 'TLS turned on', () => Promise.resolve())).toMatchObject(NO_CALL_LOST);
});

it('a changed certificate is served without a lost call', async () => {
  await expectNoCallLost('Certificate changed', { ...tls, certificate: await certificate() });
});

it('the secondary key is rotated without a lost call of callers with the primary key', async () => {
  const { primary } = tls.keys;
  await expectNoCallLost('Secondary key rotated', { ...tls, keys: { primary, secondary: key('c') } });
});

it('TLS and keys are turned off', async () => {
  await project.deploy({});
  expect(await whileCalling(project, 'TLS turned off', () => Promise.resolve())).toMatchObject(NO_CALL_LOST);
});

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
