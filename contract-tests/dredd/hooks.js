// dredd openapi.yaml http://127.0.0.1:8650 --hookfiles hooks.js
const hooks = require('hooks');

const KEY = process.env.HARNESS_API_KEY || 'pat.acme.dev.local';

// Every transaction sends the examples of the parameters, which get a 200. Another status is requested with Prefer.
hooks.beforeEach((transaction, done) => {
  const status = transaction.expected.statusCode;
  const { headers } = transaction.request;
  if (status !== '401') headers['x-api-key'] = KEY;
  if (status !== '401' && status !== '200') headers.Prefer = `code=${status}`;
  done();
});
