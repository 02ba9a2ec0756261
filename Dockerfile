# Builds Countersign, and puts what runs on a Node without anything else. docs/deploy.md says how to run it.
# To pin the base by its digest: --build-arg NODE_IMAGE=node:24.21.0-bookworm-slim@sha256:…
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
# Packages first: they are installed again only when these files change.
COPY package.json package-lock.json .npmrc ./
COPY libraries libraries
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY scripts scripts
COPY src src
COPY bin bin
COPY examples examples
COPY LICENSE countersign.schema.json manifest.yml manifest.http.yml ./
# The build sees no history. For `countersign version`: --build-arg COMMIT=$(git rev-parse HEAD)
ARG COMMIT
RUN npm run build -- --alone /app \
    && if [ -n "${COMMIT}" ]; then echo "${COMMIT}" > /app/dist/commit.txt; fi

FROM ${NODE_IMAGE}
ARG COMMIT
LABEL org.opencontainers.image.title="Countersign" \
    org.opencontainers.image.description="Human approvals for AI agents, in Slack and Discord" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.revision="${COMMIT}" \
    org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY --from=build /app ./
# A new volume takes over the owner and the mode of the folder where it is mounted. Compiled code is kept below, once.
RUN install -d -o 10001 -g 10001 -m 0700 /data /app/.compiled \
    && ln -s /app/bin/countersign.mjs /usr/local/bin/countersign
# Settings that belong to the image: they come before those of .env. The port is open for other containers only until it is
# published.
ENV HOST=0.0.0.0 \
    PORT=3000 \
    DATABASE_URL=file:/data/countersign.db \
    MALLOC_ARENA_MAX=2
EXPOSE 3000
VOLUME /data
# The folder of the start, for .env and countersign.yml.
WORKDIR /config
USER 10001:10001
# A start takes about a fifth less CPU time with what is compiled here, by the same user and with the same flags.
RUN ["node", "--max-semi-space-size=16", "/app/bin/countersign.mjs", "start", "--help"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=4 \
    CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process, so that signals arrive.
ENTRYPOINT ["node", "--max-semi-space-size=16", "/app/bin/countersign.mjs"]
CMD ["start"]
