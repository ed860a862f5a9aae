import type { Reason } from "./reason.ts";

const line = (text: string, reason: string): Reason => [text, undefined, reason];

// The file has variables of Docker in it, which only look like templates.
const image = "$" + "{NODE_IMAGE}";

export const dockerfile: readonly Reason[] = [
  line(
    "ARG NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:0e0ff40c39bc087845bfb27465a0df4ea419520094bc35842ff83dd8cbe6f9b6",
    "the version that the tests run on, by digest: a tag can be moved",
  ),
  line(`FROM ${image} AS build`, "what builds the package is not in the image"),
  line("WORKDIR /build", "a folder that is left behind"),
  line(
    "COPY package.json package-lock.json .npmrc tsconfig.json tsconfig.build.json ./",
    "before the sources, so that a change of these does not install everything anew",
  ),
  line("RUN npm ci --ignore-scripts", "the locked versions, and no script of anybody's runs while it is built"),
  line("COPY scripts/build.ts scripts/build.ts", "what compiles"),
  line("COPY src src", "what is compiled"),
  line("RUN node scripts/build.ts", "Node strips no types inside node_modules: the package is plain JavaScript"),
  line("COPY deploy/image/keep-clients.ts deploy/image/keep-clients.ts", "what the next line runs"),
  line(
    "RUN node deploy/image/keep-clients.ts && npm install --omit=dev --ignore-scripts",
    "the clients of checks are in the image; compilers, test runners and their scripts are not",
  ),
  line(`FROM ${image}`, "the same Node.js as it was built with"),
  line(
    'LABEL org.opencontainers.image.title="Healthspan" ' +
      'org.opencontainers.image.description="Health checks as telemetry: spans, metrics and a health endpoint" ' +
      'org.opencontainers.image.licenses="MIT"',
    "what registries show",
  ),
  line(
    "ENV NODE_ENV=production MALLOC_ARENA_MAX=2 MALLOC_MMAP_THRESHOLD_=131072 HOST=0.0.0.0 " +
      "HEALTHCHECK_URL=http://127.0.0.1:9464/livez HEALTHCHECK_OPTIONS=",
    "memory that does not creep up; inside a container, localhost cannot be reached from outside; the health check asks for the process",
  ),
  line(
    "RUN rm -rf /usr/local/lib/node_modules /opt/yarn-* /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack " +
      "/usr/local/bin/yarn /usr/local/bin/yarnpkg",
    "what installs packages helps an intruder, and has vulnerabilities of its own",
  ),
  line("WORKDIR /app", "where the program is"),
  line("COPY --from=build /build/package.json ./", "its version, and that its files are ES modules"),
  line("COPY --from=build /build/node_modules node_modules", "what it needs, without development's packages"),
  line("COPY --from=build /build/dist dist", "what was compiled"),
  line("COPY --chmod=755 bin bin", "the health check starts the command by its name"),
  line("COPY LICENSE ./", "MIT asks for it"),
  line(
    "RUN install -d -o 1000 -g 1000 /var/lib/healthspan && ln -s /app/bin/healthspan.js /usr/local/bin/healthspan " +
      "&& mkdir /etc/healthspan",
    "a new volume takes over whom the folder belongs to, and the process writes its state there; the command has a name",
  ),
  line("USER 1000:1000", "by number, so that runAsNonRoot can be checked"),
  line("WORKDIR /etc/healthspan", "where a configuration is looked for"),
  line("EXPOSE 9464", "the port that it listens on unless told otherwise"),
  line(
    "HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --start-interval=2s " +
      'CMD healthspan check --url "$HEALTHCHECK_URL" $HEALTHCHECK_OPTIONS --timeout 8s >/dev/null; test $? -lt 2',
    "docker waits longer than the command, and a container is healthy when it answers, whatever it watches",
  ),
  line('ENTRYPOINT ["node", "/app/bin/healthspan.js"]', "without a shell, so that signals arrive"),
  line('CMD ["serve"]', "what an image of a server does"),
];
