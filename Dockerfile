# The local server in a container: docker build -t rivulet . && docker run --rm -p 4567:4567 rivulet --streams orders:2
FROM node:24-alpine AS build
WORKDIR /build
COPY . .
RUN npm ci && npm pack --pack-destination /tmp && npm install --global /tmp/rivulet-*.tgz

FROM node:24-alpine
COPY --from=build /usr/local/lib/node_modules/rivulet /opt/rivulet
RUN mkdir /data && chown node:node /data
USER node
# A container has a network of its own: whoever may reach its port may call it. CREDENTIALS_FILE says who may do what.
# Nobody outside reaches a console in it: `rivulet console --endpoint http://localhost:4567` shows it from the host.
ENV HOST=0.0.0.0 DATA_DIR=/data CONSOLE_PORT=off
VOLUME /data
EXPOSE 4567
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["node", "/opt/rivulet/dist/rivulet.js", "health"]
ENTRYPOINT ["node", "/opt/rivulet/dist/rivulet.js"]
CMD ["start"]
