// node verify.js http://127.0.0.1:8650   verifies the server with pact.json.
const { join } = require('node:path');
const { Verifier } = require('@pact-foundation/pact');

new Verifier({
  provider: 'Harness Artifact Registry',
  providerBaseUrl: process.argv[2],
  pactUrls: [join(__dirname, 'pact.json')],
  logLevel: 'error',
})
  .verifyProvider()
  .catch(() => {
    process.exitCode = 1;
  });
