import reactQueryPlugin from '@harnessio/oats-plugin-react-query';

export default {
  services: {
    har: {
      file: 'openapi.yaml',
      output: 'generated',
      plugins: [reactQueryPlugin({ customFetcher: '../../fetcher' })],
    },
  },
};
