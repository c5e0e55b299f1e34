import { NameServer, SystemResolver } from '../../lib/smoke-test/name-resolver';
import { afterwards } from '../support/cleanup';
import { startNameServer, type NameServerAnswer } from '../support/name-server';

async function nameServer(answer: (name: string) => NameServerAnswer): Promise<NameServer> {
  const peer = await startNameServer(answer);
  afterwards(() => peer.close());
  return new NameServer(peer.address);
}

describe('a name server', () => {
  it('is asked for the addresses of a name, and reports how long it keeps them', async () => {
    const server = await nameServer((name) =>
      name === 'scoring.example'
        ? { addresses: ['203.0.113.9', '203.0.113.10'], ttlSeconds: 300 }
        : 'no such name',
    );
    expect(await server.addressesOf('scoring.example', 3_000)).toMatchObject({
      addresses: ['203.0.113.9', '203.0.113.10'],
      ttlSeconds: 300,
    });
  });

  it.each<[NameServerAnswer, string, string]>([
    ['no such name', 'no-address', 'ENOTFOUND'],
    [{ addresses: [], ttlSeconds: 0 }, 'no-address', 'ENODATA'],
    ['server failure', 'error', 'ESERVFAIL'],
    ['silence', 'no-answer', 'ETIMEOUT'],
  ])('that answers with %j', async (answer, kind, code) => {
    const server = await nameServer(() => answer);
    const { addresses, failure } = await server.addressesOf('scoring.example', 300);
    expect(addresses).toEqual([]);
    expect(failure).toEqual({ kind, code });
  });

  it('is rejected if it is invalid', () => {
    expect(() => new NameServer('dns.example')).toThrow(
      'the name server is "dns.example"; expected an IP address, with a port if it is not 53',
    );
  });
});

describe("the system's resolver", () => {
  it('reports which addresses a name has', async () => {
    const { addresses } = await new SystemResolver().addressesOf('localhost', 3_000);
    expect(addresses).toContain('127.0.0.1');
  });

  it('reports that a name has none', async () => {
    const { addresses, failure } = await new SystemResolver().addressesOf('scoring.invalid', 10_000);
    expect(addresses).toEqual([]);
    expect(failure?.code).toMatch(/^E/);
  });
});
