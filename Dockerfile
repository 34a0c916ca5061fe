# docker build -t mqttlab . && docker run --rm -p 8080:8080 -p 1883:1883 -v mqttlab:/data mqttlab -host YOUR-NAME
# The pages then answer under localhost, and under the names behind -host.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The commit is in the binary (mqttlab version) if .git is in the context. It is
# not if docker is given a repository's address or a linked worktree.
RUN git rev-parse --quiet HEAD || rm -rf .git
RUN CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -buildid=' -o /out/mqttlab ./cmd/mqttlab && mkdir /out/data

FROM scratch
LABEL org.opencontainers.image.title="mqttlab" \
      org.opencontainers.image.description="A web workbench for learning MQTT by touching its bytes" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/mqttlab /mqttlab
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8080 1883
HEALTHCHECK --interval=30s --timeout=3s CMD ["/mqttlab", "health"]
ENTRYPOINT ["/mqttlab", "serve", "-http", "0.0.0.0:8080", "-mqtt", "0.0.0.0:1883", "-data", "/data"]
