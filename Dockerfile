# The program alone, linked statically, in an image without shell or package manager, as a user that is nobody.
#
#   docker build -t plimsoll .
#   docker run --rm --read-only --network host plimsoll scan http://127.0.0.1:8000
#   docker run --rm --read-only -v "$PWD:/work:ro" plimsoll code .
#
# `plimsoll check` and `plimsoll memory` start the application, so they run where it is installed: pip install plimsoll-cli there.

FROM rust:1.95.0-bookworm AS build
# The release of Debian is pinned; exact versions of its packages go with every security update.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends musl-tools \
    && rm -rf /var/lib/apt/lists/* \
    && rustup target add "$(uname -m)-unknown-linux-musl"
WORKDIR /src
COPY . .
RUN target="$(uname -m)-unknown-linux-musl" \
    && cargo build --locked --profile dist --package plimsoll --target "$target" \
    && install -D -m 755 "target/$target/dist/plimsoll" /out/plimsoll \
    && mkdir -m 1777 /out/tmp

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Plimsoll" \
      org.opencontainers.image.description="Finds what makes a web API take on water" \
      org.opencontainers.image.source="https://github.com/plimsoll-scan/plimsoll" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ /
COPY LICENSE-MIT LICENSE-APACHE /licenses/
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["/plimsoll"]
CMD ["--help"]
