// node collection.js openapi.yaml collection.json   converts the document to a Postman collection with a request and
// assertions for each published status.
const { readFileSync, writeFileSync } = require('node:fs');
const { convert } = require('openapi-to-postmanv2');
const { parse } = require('yaml');

const STATUSES = [200, 400, 401, 403, 404, 500];
const [source, target] = process.argv.slice(2);
const text = readFileSync(source, 'utf8');
const { paths, components } = parse(text);

// Postman validates a body with a schema without references or formats of OpenAPI.
const resolve = (value) => {
  if (value === null || typeof value !== 'object') return value;
  if ('$ref' in value) return resolve(components.schemas[value.$ref.split('/').pop()]);
  if (Array.isArray(value)) return value.map(resolve);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'format')
      .map(([name, member]) => [name, resolve(member)]),
  );
};

const toItem = (request, status) => {
  const [{ get }] = Object.values(paths);
  const schema = resolve(get.responses[status].content['application/json'].schema);
  const header = [
    { key: 'x-api-key', value: status === 401 ? '' : '{{apiKey}}' },
    ...(status === 200 || status === 401 ? [] : [{ key: 'Prefer', value: `code=${status}` }]),
  ];
  const exec = [
    `pm.test('status ${status}', () => pm.response.to.have.status(${status}));`,
    `pm.test('JSON', () => pm.expect(pm.response.headers.get('Content-Type')).to.equal('application/json'));`,
    `pm.test('schema', () => pm.response.to.have.jsonSchema(${JSON.stringify(schema)}));`,
  ];
  const { auth, ...rest } = request;
  return { name: String(status), request: { ...rest, header }, event: [{ listen: 'test', script: { exec } }] };
};

const findRequest = (items) => {
  for (const { item, request } of items) {
    const found = request ?? findRequest(item);
    if (found !== undefined) return found;
  }
};

const options = { folderStrategy: 'Tags', parametersResolution: 'Example', requestParametersResolution: 'Example' };
convert({ type: 'string', data: text }, options, (error, { result, reason, output }) => {
  if (error || !result) throw error ?? new Error(reason);
  const [{ data: collection }] = output;
  const request = findRequest(collection.item);
  delete collection.auth;
  collection.item = STATUSES.map((status) => toItem(request, status));
  writeFileSync(target, JSON.stringify(collection, null, 2));
});
