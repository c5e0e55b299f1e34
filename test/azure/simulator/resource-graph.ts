import { NotSimulatedError } from './azure-error';
import { bodyOf, jsonResponse, type AzureRequest, type AzureResponse } from './http';
import { textOf } from './json';
import { resourceGroupId, resourceName, subscriptionId } from './resource-id';
import type { Azure, Resource } from './resource-type';

const FILTER = /^where (type|subscriptionId|resourceGroup) =~ "([^"]*)"$/;
const COLUMNS = 'project subscriptionId, resourceGroup, name';

/** Azure Resource Graph, with the part of its query language that providers use: resources by type, subscription and group. */
export function answerResourceGraph(azure: Azure, request: AzureRequest): AzureResponse {
  const query = textOf(bodyOf(request).query);
  const [table, ...operators] = query.split('|').map((each) => each.trim());
  const columns = operators.pop();
  const filters = operators.map((operator) => FILTER.exec(operator));
  if (table !== 'resources' || columns !== COLUMNS || filters.includes(null)) {
    throw new NotSimulatedError(`the query is not simulated: ${query}`);
  }
  const data = [...azure.all()]
    .map((resource) => ({ ...rowOf(resource), type: resource.type }))
    .filter((row) =>
      filters.every((filter) => {
        const [, column = '', value = ''] = filter ?? [];
        return row[column as keyof typeof row].toLowerCase() === value.toLowerCase();
      }),
    )
    .map(({ subscriptionId, resourceGroup, name }) => ({ subscriptionId, resourceGroup, name }));
  return jsonResponse(200, {
    totalRecords: data.length,
    count: data.length,
    resultTruncated: 'false',
    facets: [],
    data,
  });
}

function rowOf({ id, name }: Resource) {
  return {
    subscriptionId: subscriptionId(id),
    resourceGroup: resourceName(resourceGroupId(id) ?? '').toLowerCase(),
    name,
  };
}
