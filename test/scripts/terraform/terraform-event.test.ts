import fc from 'fast-check';
import { parseUiLine } from '../../../scripts/terraform/terraform-event';

const line = (content: object) => JSON.stringify({ '@level': 'info', '@message': 'a message', ...content });
const resource = { addr: 'terraform_data.service', module: '', resource: 'terraform_data.service' };

describe('parseUiLine', () => {
  it('reads the progress of an operation, which comes every ten seconds', () => {
    expect(
      parseUiLine(
        line({ type: 'apply_progress', hook: { resource, action: 'create', elapsed_seconds: 10 } }),
      ),
    ).toEqual({
      type: 'apply_progress',
      message: 'a message',
      address: 'terraform_data.service',
      action: 'create',
      elapsedSeconds: 10,
    });
  });

  it("reads OpenTofu's first message", () => {
    expect(parseUiLine(line({ type: 'version', tofu: '1.9.0', ui: '1.2' }))).toMatchObject({
      product: 'opentofu',
      version: '1.9.0',
    });
  });

  it('reads messages of older versions, and ignores what later ones add', () => {
    const changes = { add: 1, change: 0, remove: 0, operation: 'apply', forget: 3 };
    expect(parseUiLine(line({ type: 'change_summary', changes }))).toEqual({
      type: 'change_summary',
      message: 'a message',
      operation: 'apply',
      add: 1,
      change: 0,
      remove: 0,
      import: 0,
    });
  });

  it('hands no sensitive value on, should one be there', () => {
    const event = parseUiLine(
      line({ type: 'outputs', outputs: { key: { sensitive: true, type: 'string', value: 'hunter2' } } }),
    );
    expect(event).toMatchObject({ type: 'outputs', outputs: { key: { sensitive: true } } });
    expect(JSON.stringify(event)).not.toContain('hunter2');
  });

  it('reads a diagnostic without a place, and one that has a reason for its change', () => {
    const diagnostic = { severity: 'warning', summary: 'Check block assertion failed' };
    expect(parseUiLine(line({ type: 'diagnostic', diagnostic }))).toEqual({
      type: 'diagnostic',
      message: 'a message',
      severity: 'warning',
      summary: 'Check block assertion failed',
      detail: '',
    });
    const change = { resource, action: 'replace', reason: 'tainted' };
    expect(parseUiLine(line({ type: 'planned_change', change }))).toMatchObject({ reason: 'tainted' });
  });

  it.each([
    '',
    'Terraform will perform the following actions:',
    '{',
    '{}',
    'null',
    '{"type":"apply_start"}',
    '{"@message":"m","type":"refresh_start","hook":{}}',
    '{"@message":"m","type":"change_summary","changes":null}',
  ])('passes over %j', (text) => {
    expect(parseUiLine(text)).toBeUndefined();
  });

  it('never throws', () => {
    const type = fc.constantFrom('version', 'apply_start', 'outputs', 'diagnostic', 'change_summary', 'log');
    const content = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('resource', 'addr'), fc.jsonValue()),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.tuple(type, content).map(([t, c]) =>
            line({
              type: t,
              hook: c,
              change: c,
              changes: c,
              outputs: c,
              diagnostic: c,
              ui: c,
              terraform: c,
            }),
          ),
        ),
        (text) => {
          const event = parseUiLine(text);
          expect(event === undefined || typeof event.message === 'string').toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
