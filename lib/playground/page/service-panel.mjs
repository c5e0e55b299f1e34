import { announce } from './announcer.mjs';
import { byId, element } from './elements.mjs';

/** @import { CertificateDescription, Problem, ServiceStatus } from '../protocol' */

const STATES = {
  serving: 'Serving',
  'not-serving': 'Not serving',
  unreachable: 'Unreachable',
  refused: 'Refused',
  ended: 'Playground ended',
};

const TITLES = {
  serving: '',
  'not-serving': 'The service is not serving',
  unreachable: 'The service cannot be reached',
  refused: 'The service refuses calls',
  ended: 'This page is no longer connected',
};

/** Days before the expiry of a certificate from which the page warns. */
const WARNING_DAYS = 30;

const state = byId('state');
const banner = byId('problem');
const facts = byId('service');

/** @type {string | undefined} */
let drawn;
let wasUsable = true;

/**
 * Draws the state of the service, and says when it changes.
 *
 * @param {ServiceStatus | undefined} status undefined if the playground has ended
 */
export function drawService(status) {
  const shown = !status ? 'ended' : status.state === 'serving' && status.problem ? 'refused' : status.state;
  if (state.dataset.state !== shown) {
    state.dataset.state = shown;
    state.textContent = STATES[shown];
  }
  drawProblem(TITLES[shown], status ? status.problem?.message : endedMessage());
  if (!wasUsable && shown === 'serving') {
    announce('The service is serving again.');
  }
  wasUsable = shown === 'serving';
  document.title = `${shown === 'serving' ? '' : '⚠ '}Playground${status?.model ? ` · ${status.model.name}` : ''}`;
  const next = JSON.stringify(status);
  // Text that a reader has selected stays selected.
  if (status && next !== drawn) {
    drawn = next;
    drawFacts(status);
  }
}

function endedMessage() {
  return 'Run npx cdktf-brainwave playground again, and open the address that it prints.';
}

/**
 * @param {string} title
 * @param {string | undefined} message
 */
function drawProblem(title, message) {
  const [heading, text] = banner.children;
  banner.hidden = message === undefined;
  // An alert that is written again is said again.
  if (message !== undefined && heading && text && text.textContent !== message) {
    heading.textContent = title;
    text.textContent = message;
  }
  if (message === undefined && text) {
    text.textContent = '';
  }
}

/** @param {ServiceStatus} status */
function drawFacts({ address, serverName, model, certificate, tls }) {
  byId('address').textContent = serverName === undefined ? address : `${address}, as ${serverName}`;
  facts.replaceChildren(
    ...fact('Model', model?.name || 'unknown'),
    ...(model?.version === undefined ? [] : fact('Version', model.version)),
    ...(model?.revision === undefined ? [] : fact('Revision', model.revision)),
    ...(model
      ? fact('Input', model.input.kind === 'image' ? 'images' : `array ${formatShape(model.input.shape)}`)
      : []),
    ...(tls ? certificateFacts(certificate) : fact('TLS', 'off: calls are not encrypted')),
  );
}

/** @param {CertificateDescription | undefined} certificate */
function certificateFacts(certificate) {
  if (!certificate) {
    return fact('Certificate', 'unknown');
  }
  const { subject, issuer, names, validTo, daysLeft } = certificate;
  const date = validTo.slice(0, 10);
  const when = daysLeft < 0 ? `expired on ${date}` : `${date}, in ${formatDays(daysLeft)}`;
  const expiry = element('span', {}, when);
  if (daysLeft < WARNING_DAYS) {
    expiry.className = daysLeft < 0 ? 'fail' : 'warn';
  }
  const about = issuer === subject ? 'self-signed' : `issued by ${issuer}`;
  return [
    ...fact('Certificate', subject || names.join(', '), element('small', {}, about)),
    ...fact('Expires', expiry),
  ];
}

/** @param {number} days */
function formatDays(days) {
  return days === 0 ? 'less than a day' : days === 1 ? '1 day' : `${days} days`;
}

/**
 * @param {string} name
 * @param {readonly (Node | string)[]} value
 */
function fact(name, ...value) {
  return [element('dt', {}, name), element('dd', {}, ...value)];
}

/**
 * Formats a shape, with `n` for a dimension that is not fixed.
 *
 * @param {readonly number[]} shape
 */
export function formatShape(shape) {
  return `[${shape.map((size) => (size < 0 ? 'n' : size)).join(', ')}]`;
}
