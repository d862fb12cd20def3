ARG NODE_VERSION=26

FROM node:${NODE_VERSION}-slim AS dependencies
RUN apt-get update \
  && apt-get install -y --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json ./
# The install script of better-sqlite3 would download a binary, or Node's headers; the base image has the headers.
RUN npm ci --omit=dev --ignore-scripts \
  && npm --prefix node_modules/better-sqlite3 run build-release -- --nodedir=/usr/local \
  && find node_modules \( -name '*.map' -o -name '*.ts' -o -name '*.[cm]ts' -o -name '*.md' \) -delete \
  && rm -r node_modules/@sinclair/typebox/build/esm node_modules/yaml/browser \
  && cd node_modules/better-sqlite3 \
  && rm -r binding.gyp deps src \
  && find build -mindepth 1 ! -path build/Release ! -path build/Release/better_sqlite3.node -delete

FROM node:${NODE_VERSION}-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY .config ./.config
COPY src ./src
COPY fixtures ./fixtures
# With a strict umask, a checkout has files that the user of the image cannot read.
RUN npm run build -- --no-types && chmod -R a+rX package.json fixtures

# The base image without what only a build needs. No package manager: nothing is installed at run time.
FROM node:${NODE_VERSION}-slim AS runtime
RUN install -d -o 65532 -g 65532 /data \
  && rm -rf /opt/yarn* /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* \
  /usr/local/include /usr/share/doc /usr/share/locale /usr/share/man /var/cache/apt /var/lib/apt

# A copy, because the layers of the base image would still have what is removed.
FROM scratch
COPY --from=runtime / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
COPY --from=build /app/fixtures ./fixtures
ENV REGISTRY_MOCK_HOST=0.0.0.0
USER 65532:65532
EXPOSE 8650
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["node", "/app/dist/cli.js", "healthcheck"]
ENTRYPOINT ["node", "/app/dist/cli.js"]
ARG VERSION=unknown
LABEL org.opencontainers.image.title="harness-registry-mock" \
  org.opencontainers.image.description="Mock and reference server of the Harness Artifact Registry's Describe Artifact Details call" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}"
