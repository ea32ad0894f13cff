# syntax=docker/dockerfile:1
# The shop: web processes, projections and commands. See docs/deployment.md.

FROM python:3.13-slim-trixie AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /srv/tandem
COPY requirements.txt ./
RUN pip install --require-hashes --only-binary :all: -r requirements.txt
COPY manage.py ./
COPY catalog catalog
COPY eventstore eventstore
COPY ordering ordering
COPY shop shop
COPY locale locale
COPY static static
COPY templates templates
# A secret of this step only, and a database that is not asked: the files need neither.
RUN python -m shop.messages compile && \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    DATABASE_URL=postgresql://nobody@nowhere/none \
    python manage.py collectstatic --no-input && \
    python -m compileall -q .

FROM python:3.13-slim-trixie
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin tandem
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/tandem /srv/tandem
WORKDIR /srv/tandem
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LOCAL=0 PORT=8000
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "shop.healthcheck"]
CMD ["python", "manage.py", "serve", "--host", "0.0.0.0"]
