import { resourcesAsHcl } from './terraform-hcl';

it('writes nested blocks, which Trivy does not read in JSON', () => {
  const hcl = resourcesAsHcl({
    resource: {
      azurerm_storage_account: {
        files: {
          '//': { metadata: {} },
          name: 'st${substr(sha256("x"), 0, 8)}',
          resource_group_name: '${azurerm_resource_group.group.name}',
          network_rules: { default_action: 'Deny', bypass: ['AzureServices'] },
        },
      },
      kubernetes_service_v1: {
        scoring: { metadata: [{ annotations: { 'example.com/key': 'a "quoted" value' } }] },
      },
    },
  });
  expect(hcl.split('\n')).toEqual([
    'resource "azurerm_storage_account" "files" {',
    'name = "st"',
    'resource_group_name = "${azurerm_resource_group.group.name}"',
    'network_rules {',
    'default_action = "Deny"',
    'bypass = ["AzureServices"]',
    '}',
    '}',
    'resource "kubernetes_service_v1" "scoring" {',
    'metadata {',
    'annotations = {"example.com/key":"a \\"quoted\\" value"}',
    '}',
    '}',
  ]);
});
