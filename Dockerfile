# The image: the compiled package, what it depends on, and Node.js. It runs as nobody in particular, and writes only to
# /tmp and /var/lib/healthspan, so that it can run on a read-only file system.

# The digest is that of the tag when this was written; docs/observability-stack.md tells how to check it.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./
# Without install scripts: the only one fetches the Node.js that a checkout runs on, and the image has its own.
RUN npm ci --ignore-scripts
COPY scripts/build.ts scripts/build.ts
COPY src src
RUN node scripts/build.ts
# What checks need besides: the clients that the package leaves to its users, in the versions that it is tested with.
COPY deploy/image/keep-clients.ts deploy/image/keep-clients.ts
RUN node deploy/image/keep-clients.ts && npm install --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="Healthspan" \
      org.opencontainers.image.description="Health checks as telemetry: spans, metrics and a health endpoint" \
      org.opencontainers.image.licenses="MIT"
# glibc keeps memory for every thread that ever was, and learns to keep large blocks too, unless told otherwise.
ENV NODE_ENV=production \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=131072 \
    HOST=0.0.0.0 \
    HEALTHCHECK_URL=http://127.0.0.1:9464/livez \
    HEALTHCHECK_OPTIONS=
# What installs packages is of no use here, but to an intruder.
RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
      /usr/local/bin/yarn /usr/local/bin/yarnpkg
WORKDIR /app
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
# Executable, which npm would see to otherwise: the health check runs it by its name.
COPY --chmod=755 bin bin
COPY LICENSE ./
# A volume that is mounted here for the first time takes over whom the folder belongs to.
RUN install -d -o 1000 -g 1000 /var/lib/healthspan \
 && ln -s /app/bin/healthspan.js /usr/local/bin/healthspan \
 && mkdir /etc/healthspan
# By number, so that Kubernetes sees that it is not root.
USER 1000:1000
# Here a configuration is looked for: mount it as /etc/healthspan/healthspan.yaml.
WORKDIR /etc/healthspan
EXPOSE 9464
# With server.tls: HEALTHCHECK_URL=https://127.0.0.1:9464/livez and HEALTHCHECK_OPTIONS=--insecure, which goes to itself alone.
# 0 and 1 are answers, also of an endpoint: whatever it watches, it is well itself. With 2 it could not be asked.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --start-interval=2s \
  CMD healthspan check --url "$HEALTHCHECK_URL" $HEALTHCHECK_OPTIONS --timeout 8s >/dev/null; test $? -lt 2
ENTRYPOINT ["node", "/app/bin/healthspan.js"]
CMD ["serve"]
