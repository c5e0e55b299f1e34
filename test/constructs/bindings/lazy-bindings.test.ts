import { execFileSync } from 'node:child_process';
import path from 'node:path';

import { TerraformStack, Testing } from 'cdktf';

import { DnsZone } from '../../../constructs/bindings/azurerm';
import { ConstructError } from '../../../constructs/validation/construct-error';

const constructs = path.resolve(__dirname, '../../../dist/constructs/index.js');

/** The message of the error with which a program ends in a project without provider bindings. */
function messageWithoutBindings(declaration: string): string {
  const script = `
    const Module = require('node:module');
    const resolve = Module._resolveFilename;
    Module._resolveFilename = (request, ...others) => {
      if (request.startsWith('@cdktf/provider-')) {
        throw Object.assign(new Error('Cannot find module ' + request), { code: 'MODULE_NOT_FOUND' });
      }
      return resolve(request, ...others);
    };
    const { App, TerraformStack } = require('cdktf');
    const library = require(${JSON.stringify(constructs)});
    const stack = new TerraformStack(new App(), 'scoring');
    try {
      ${declaration}
    } catch (error) {
      console.log(error.message);
    }`;
  return execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }).trim();
}

it('a construct whose provider bindings are missing says which, and how to install them', () => {
  expect(
    messageWithoutBindings(
      "new library.DnsZone(stack, 'Zone', { zoneName: 'example.com', resourceGroupName: 'dns' });",
    ),
  ).toBe(
    'scoring/Zone: the package @cdktf/provider-azurerm, which contains DnsZone, is not installed; ' +
      'run `npm install --ignore-scripts @cdktf/provider-azurerm@^14.0.0`',
  );
});

it('a resource is an instance of its class, whose static members can be used', () => {
  const stack = new TerraformStack(Testing.app(), 'stack');
  const zone = new DnsZone(stack, 'Zone', { name: 'example.com', resourceGroupName: 'dns' });
  expect(zone).toBeInstanceOf(DnsZone);
  expect(DnsZone.tfResourceType).toBe('azurerm_dns_zone');
});

it('an error of a resource itself passes through', () => {
  const stack = {} as never;
  const declare = () => new DnsZone(stack, 'Zone', { name: 'example.com', resourceGroupName: 'dns' });
  expect(declare).toThrow(TypeError);
  expect(declare).not.toThrow(ConstructError);
});
