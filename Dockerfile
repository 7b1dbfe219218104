# web: no torch. worker: everything. Both run the same code from the same folder.
# All that is installed is pinned with hashes in deploy/lock (`make lock`).
FROM python:3.11-slim-bookworm AS base
WORKDIR /srv/mothmask
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    MOTHMASK_DATA=/var/lib/mothmask MOTHMASK_LOG_FORMAT=json
RUN useradd --create-home mothmask && mkdir -p /var/lib/mothmask/blobs \
    && chown -R mothmask /var/lib/mothmask
COPY deploy/lock deploy/lock
RUN pip install --require-hashes --requirement deploy/lock/build.txt

FROM base AS web
RUN pip install --require-hashes --requirement deploy/lock/web.txt
COPY pyproject.toml ./
COPY app app
COPY ml ml
COPY migrations migrations
COPY templates templates
COPY static static
RUN pip install --no-deps --no-build-isolation --editable .
USER mothmask
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=5)"]
# On every address of the container, whose ports only the proxy reaches.
CMD ["mothmask", "web", "--host", "0.0.0.0", "--port", "8000"]

FROM base AS worker
# With graphics cards: --build-arg TORCH=cuda. The build for processors alone comes from PyTorch's
# own index, which has other hashes; it is pinned by its version.
ARG TORCH=cpu
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# The compiler builds the dense CRF and goes again.
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends g++ \
    && pip install --no-build-isolation --no-deps --require-hashes --requirement deploy/lock/worker.txt \
    && apt-get purge -qq -y --auto-remove g++ && rm -rf /var/lib/apt/lists/*
RUN if [ "$TORCH" = cuda ]; \
    then pip install --no-deps --require-hashes --requirement deploy/lock/cuda.txt; \
    else pip install --no-deps --index-url "$TORCH_INDEX" "$(grep -o '^torch==[^ ]*' deploy/lock/cuda.txt)"; \
    fi
COPY pyproject.toml ./
COPY app app
COPY ml ml
COPY migrations migrations
COPY worker worker
RUN pip install --no-deps --no-build-isolation --editable .
USER mothmask
CMD ["mothmask", "worker"]
