# The relay on one machine: `relay serve`, with SQLite in the one volume. It needs no root, and no write elsewhere:
# docker run --read-only --cap-drop ALL --publish 127.0.0.1:8080:8080 --volume relay:/data --env-file relay.env IMAGE
FROM python:3.13-slim-trixie AS build
WORKDIR /app
RUN python -m venv /opt/relay
COPY relay/cli/requirements.txt relay/cli/
RUN /opt/relay/bin/python -m pip install --no-cache-dir --no-compile --require-hashes --only-binary :all: \
    --requirement relay/cli/requirements.txt
COPY function_app.py host.json ./
COPY relay relay
# The simulator can mint identities. Bytecode is made once here: at run time nothing may be written.
RUN rm -r relay/dev \
    && /opt/relay/bin/python -m compileall -q --invalidation-mode unchecked-hash /app /opt/relay/lib \
    && /opt/relay/bin/python -m relay --version

FROM python:3.13-slim-trixie
RUN groupadd --gid 10001 relay && useradd --uid 10001 --gid relay --no-create-home --home-dir /nonexistent relay \
    && install --directory --owner relay --group relay --mode 0700 /data
COPY --from=build /opt/relay /opt/relay
COPY --from=build /app /app
WORKDIR /app
USER 10001:10001
ENV PATH=/opt/relay/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 RELAY_STORE=sqlite:////data/relay.db
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/api/health', timeout=8)"]
ENTRYPOINT ["python", "-m", "relay"]
# Every interface of the container; --publish chooses the interfaces of the machine.
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
