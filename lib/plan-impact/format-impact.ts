import type { Paint } from '../report/paint';
import type { DestroyedResource, PlanImpact } from './plan-impact';
import type { ChangedAspect, ServiceImpact } from './service-impact';

/** Describes an impact for a terminal. */
export function formatImpact(impact: PlanImpact, paint: Paint): string {
  const services = impact.services.map((each) => serviceLines(each, paint)).join('');
  const others = [...impact.names, ...impact.destroyed.map(destroyedLine)]
    .map((line) => `  ${line}\n`)
    .join('');
  return `${services}${others === '' ? '' : `\nBesides the services:\n${others}`}\n${verdict(impact)}\n`;
}

function serviceLines(service: ServiceImpact, paint: Paint): string {
  const lines = [
    ['calls', callsOf(service)],
    ...service.changes.map(({ aspect, detail, concernsCallers }) => [
      aspect,
      concernsCallers ? `${detail} (callers must follow)` : detail,
    ]),
    ...(service.rollout === undefined ? [] : [['rollout', service.rollout]]),
  ];
  const width = Math.max(...lines.map(([label]) => label.length));
  const indented = lines.map(([label, text]) => `    ${label.padEnd(width)}  ${text}\n`);
  const title = `${service.name} (${service.platform}): ${service.change}`;
  return `${service.losesCalls ? paint('red', '✗') : paint('green', '✓')} ${paint('bold', title)}\n${service.change === 'unchanged' ? '' : indented.join('')}`;
}

function callsOf({ losesCalls, reason }: ServiceImpact): string {
  return `${losesCalls ? 'calls are lost' : 'none is lost'}: ${reason}`;
}

/** Describes an impact in Markdown, for a comment on a pull request. */
export function impactAsMarkdown(impact: PlanImpact): string {
  const changed = impact.services.filter(({ change }) => change !== 'unchanged');
  const rows = changed.map((service) => {
    const { losesCalls, name, platform, change, changes, rollout = '' } = service;
    const cells = [
      `**${name}**, ${platform}`,
      change,
      `${losesCalls ? '✗' : '✓'} ${callsOf(service)}`,
      aspects(changes),
      rollout,
    ];
    return `| ${cells.map(cell).join(' | ')} |`;
  });
  const table = [
    '| Service | Change | Calls | What changes | Rollout |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ];
  const others = [...impact.names, ...impact.destroyed.map(destroyedLine)].map((line) => `- ${line}`);
  const parts = [
    `### ${verdict(impact)}`,
    ...(rows.length === 0 ? [] : [table.join('\n')]),
    ...(others.length === 0 ? [] : [others.join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function aspects(changes: readonly ChangedAspect[]): string {
  return changes
    .map(({ aspect, detail, concernsCallers }) =>
      concernsCallers ? `**${aspect}: ${detail}** (callers must follow)` : `${aspect}: ${detail}`,
    )
    .join('<br>');
}

function destroyedLine({ address, holds, isReplaced }: DestroyedResource): string {
  return `${address} is deleted${isReplaced ? ' and created again' : ''}, and with it ${holds}`;
}

/** The whole impact in one sentence. */
function verdict({ services, changedResources }: PlanImpact): string {
  if (changedResources === 0) {
    return 'Nothing changes.';
  }
  const losing = services.filter(({ losesCalls }) => losesCalls).map(({ name }) => name);
  const following = services
    .filter(({ changes }) => changes.some(({ concernsCallers }) => concernsCallers))
    .map(({ name }) => name);
  const calls = losing.length === 0 ? 'No call is lost' : `Calls to ${losing.join(', ')} are lost`;
  const callers =
    following.length === 0
      ? 'no caller must change'
      : `callers of ${following.join(', ')} must follow a change`;
  return `${calls}, and ${callers}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
