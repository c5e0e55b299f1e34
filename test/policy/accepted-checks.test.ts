import { comparePolicy, readAcceptedChecks, type AcceptedCheck, type FailedCheck } from './accepted-checks';

const ACCEPTED: AcceptedCheck[] = [
  { check: 'CKV_1', asksFor: 'keys', resources: ['azurerm_a', 'azurerm_b'], reason: 'because' },
  { check: 'CKV_2', asksFor: 'locks', resources: ['azurerm_a'], stacks: ['aks/aks'], reason: 'because' },
];

function failed(check: string, resource: string, stack = 'aks/aks'): FailedCheck {
  return { check, title: 'title', stack, resource };
}

it('accepts the failed checks that have a reason', () => {
  const all = [
    failed('CKV_1', 'azurerm_a.x'),
    failed('CKV_1', 'azurerm_b.y'),
    failed('CKV_2', 'azurerm_a.x'),
  ];
  expect(comparePolicy(all, ACCEPTED)).toEqual({ unexplained: [], obsolete: [] });
});

it('reports a failed check without a reason, on another type of resource or in another stack', () => {
  const known = [
    failed('CKV_1', 'azurerm_a.x'),
    failed('CKV_1', 'azurerm_b.y'),
    failed('CKV_2', 'azurerm_a.x'),
  ];
  const unexplained = [
    failed('CKV_3', 'azurerm_a.x'),
    failed('CKV_1', 'azurerm_c.x'),
    failed('CKV_2', 'azurerm_a.x', 'gpu/gpu'),
  ];
  expect(comparePolicy([...known, ...unexplained], ACCEPTED).unexplained).toEqual(unexplained);
});

it('reports an accepted check that no longer fails', () => {
  expect(comparePolicy([failed('CKV_1', 'azurerm_a.x')], ACCEPTED).obsolete).toEqual([
    'CKV_1 on azurerm_b',
    'CKV_2 on azurerm_a',
    'CKV_2 in aks/aks',
  ]);
});

it('has a reason for each accepted check, and each check once', () => {
  const checks = readAcceptedChecks();
  expect(checks.length).toBeGreaterThan(0);
  for (const { reason, asksFor, resources } of checks) {
    expect([reason, asksFor, ...resources].every((text) => text.trim() !== '')).toBe(true);
  }
  expect(new Set(checks.map(({ check }) => check)).size).toBe(checks.length);
});
