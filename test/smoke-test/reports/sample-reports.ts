import path from 'node:path';

import type {
  SmokeTestReport,
  SmokeTestSampleReport,
  SmokeTestCheck,
  SmokeTestCheckName,
} from '../../../lib/smoke-test/smoke-test-report';

export const images = path.resolve(__dirname, '../../../examples/quickstart/images');

const NAMES: SmokeTestCheckName[] = [
  'dns',
  'tcp',
  'tls',
  'health',
  'authentication',
  'first-call',
  'warm-calls',
  'expectations',
];
const details: Record<SmokeTestCheckName, string> = {
  dns: 'scoring.example.com is 203.0.113.7 on the system resolver and on 9.9.9.9',
  tcp: '203.0.113.7:443 accepts connections',
  tls: 'TLSv1.3; the certificate covers scoring.example.com and has 61 days left',
  health: 'the service is serving efficientnet-lite0 version 3',
  authentication: 'the key is accepted; no key and a wrong key are refused',
  'first-call': 'the first answer took 180.4 ms',
  'warm-calls': '200 answers, p50 21.4 ms, p95 32.0 ms',
  expectations: '2 of 2 samples are as expected',
};
const DURATIONS = [38.2, 12.5, 24.9, 2140.3, 9.6, 180.4, 1320.8, 0.4];

/** All checks passed, one after the other. */
export function checks(): SmokeTestCheck[] {
  let startMs = 0;
  return NAMES.map((name, index) => {
    const check = {
      name,
      outcome: 'passed' as const,
      startMs: round(startMs),
      durationMs: DURATIONS[index],
      detail: details[name],
    };
    startMs += DURATIONS[index];
    return check;
  });
}

/** An image's sample that was right. */
export const cat: SmokeTestSampleReport = {
  name: 'chelsea.png',
  path: path.join(images, 'chelsea.png'),
  passed: true,
  detail: '"tiger cat" with 52.1 %',
  topClasses: [
    { classIndex: 282, label: 'tiger cat', probability: 0.521 },
    { classIndex: 285, label: 'Egyptian cat', probability: 0.302 },
    { classIndex: 281, label: 'tabby', probability: 0.119 },
    { classIndex: 287, label: 'lynx', probability: 0.0213 },
    { classIndex: 104, label: 'wallaby', probability: 0.0042 },
  ],
  expected: { label: 'tiger cat', minimumProbability: 0.4 },
  drift: 0.000012,
};

/** A gRPC service behind TLS that passes everything. */
export function passedReport(changes: Partial<SmokeTestReport> = {}): SmokeTestReport {
  return {
    schemaVersion: 1,
    passed: true,
    exitCode: 0,
    startedAt: '2026-03-04T05:06:07.890Z',
    durationMs: 3727.1,
    target: {
      protocol: 'grpc',
      host: 'scoring.example.com',
      port: 443,
      tls: true,
      serverName: 'scoring.example.com',
      connectedTo: '203.0.113.7',
      key: true,
    },
    checks: checks(),
    dns: {
      name: 'scoring.example.com',
      answers: [
        { resolver: 'system', addresses: ['203.0.113.7'] },
        { resolver: '9.9.9.9', addresses: ['203.0.113.7'] },
      ],
      expectedAddress: '203.0.113.7',
    },
    certificate: {
      subject: 'CN=scoring.example.com',
      names: ['scoring.example.com', '203.0.113.7'],
      issuer: "C=US, O=Let's Encrypt, CN=R11",
      validFrom: '2026-02-03T05:06:07.000Z',
      validTo: '2026-05-04T05:06:07.000Z',
      daysToExpiry: 61,
      fingerprint256: Array.from({ length: 32 }, (_, index) => (index + 170).toString(16).toUpperCase()).join(
        ':',
      ),
      protocol: 'TLSv1.3',
      cipher: 'TLS_AES_256_GCM_SHA384',
    },
    model: { name: 'efficientnet-lite0', versions: ['3'] },
    samples: [
      cat,
      {
        name: 'coffee.png',
        path: path.join(images, 'coffee.png'),
        passed: true,
        detail: '"espresso" with 91.7 %',
        topClasses: [
          { classIndex: 967, label: 'espresso', probability: 0.917 },
          { classIndex: 504, label: 'coffee mug', probability: 0.041 },
          { classIndex: 968, label: 'cup', probability: 0.0281 },
        ],
        expected: { label: 'espresso' },
      },
    ],
    latency: {
      firstMs: 180.4,
      warm: {
        count: 200,
        minMs: 17.2,
        meanMs: 22.6,
        p50Ms: 21.4,
        p95Ms: 32,
        p99Ms: 41.7,
        maxMs: 46.3,
        requestsPerSecond: 151.4,
        concurrency: 4,
        samplesMs: Array.from({ length: 200 }, (_, index) => round(17.2 + 29.1 * (index / 199) ** 4)),
      },
      budget: { p95Ms: 50, minimumRequestsPerSecond: 100 },
    },
    ...changes,
  };
}

/** A failure of one check: those before it passed, those after it did not run. */
export function failedReport(
  failed: SmokeTestCheckName,
  failure: Pick<SmokeTestCheck, 'detail' | 'code' | 'reason' | 'remedy'>,
  changes: Partial<SmokeTestReport> = {},
): SmokeTestReport {
  const at = NAMES.indexOf(failed);
  const all = checks().map((check, index): SmokeTestCheck => {
    if (index < at) {
      return check;
    }
    return index === at
      ? { ...check, outcome: 'failed', ...failure }
      : { ...check, outcome: 'not-run', startMs: 0, durationMs: 0, detail: `${failed} failed` };
  });
  const { latency, samples, certificate, ...passed } = passedReport();
  return {
    ...passed,
    passed: false,
    exitCode: 1,
    failure: {
      check: failed,
      code: failure.code ?? 'FAILED',
      message: [failure.detail, failure.remedy].filter((part) => part !== undefined).join('; '),
    },
    checks: all,
    ...(at > NAMES.indexOf('tls') && { certificate }),
    ...(at > NAMES.indexOf('first-call') && { latency }),
    samples: at > NAMES.indexOf('first-call') ? samples : [],
    ...changes,
  };
}

/** A certificate that another authority signed. */
export function untrustedReport(): SmokeTestReport {
  return failedReport(
    'tls',
    {
      detail: 'the certificate of scoring.example.com is signed by an authority that is not trusted',
      code: 'CERTIFICATE',
      reason: 'untrusted',
      remedy: "trust the authority's certificate with --root-certificate-file",
    },
    { exitCode: 4 },
  );
}

/** An image of which the model predicted another class. */
export function wrongAnswerReport(): SmokeTestReport {
  const detail = 'predicted "tiger cat" (52.1 %); expected "lynx", which has rank 4';
  return failedReport(
    'expectations',
    {
      detail: `1 of 2 samples is wrong: chelsea.png: ${detail}`,
      code: 'EXPECTATION_FAILED',
      remedy: 'deploy the model that the expectation was written for, or correct the expectation',
    },
    { samples: [{ ...cat, passed: false, detail, expected: { label: 'lynx' } }, passedReport().samples[1]] },
  );
}

/** An endpoint over HTTP, without latency's warm calls. */
export function httpReport(): SmokeTestReport {
  return {
    ...passedReport({ dns: undefined, certificate: undefined }),
    target: { protocol: 'http', host: '::1', port: 8080, tls: false, path: '/score', key: false },
    checks: checks().map((check) =>
      check.name === 'tls' || check.name === 'warm-calls'
        ? { ...check, outcome: 'skipped', durationMs: 0, detail: 'TLS is disabled: anyone can call' }
        : check,
    ),
    samples: [
      {
        name: 'request.json',
        path: 'requests/request.json',
        passed: true,
        detail: 'got [0.1,0.9] at $.predictions[0]',
        answer: '{"predictions":[[0.1,0.9]]}',
        expected: { jsonPath: '$.predictions[0]', argmax: 1 },
      },
    ],
    latency: { firstMs: 12.3 },
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
