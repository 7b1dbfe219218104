# web: no torch. worker: everything. Both run the same code from the same folder.
FROM python:3.11-slim-bookworm AS base
WORKDIR /srv/mothmask
ENV PYTHONUNBUFFERED=1 MOTHMASK_DATA=/var/lib/mothmask
RUN useradd --create-home mothmask && mkdir /var/lib/mothmask && chown mothmask /var/lib/mothmask
COPY pyproject.toml ./
COPY app app
COPY ml ml
COPY worker worker
COPY migrations migrations

FROM base AS web
COPY templates templates
COPY static static
RUN pip install --no-cache-dir --editable .
USER mothmask
EXPOSE 8000
# Inside a container the server has to listen on every address; docker-compose.yml publishes the
# port on this machine only, because there are no accounts yet.
CMD ["sh", "-c", "mothmask migrate && exec uvicorn app.main:make_app --factory --host 0.0.0.0 --port 8000 --no-access-log"]

FROM base AS worker
# Without --build-arg the registry's build comes, which brings CUDA.
ARG TORCH_INDEX=
# The compiler builds the dense CRF and goes again.
RUN apt-get update -qq && apt-get install -qq -y --no-install-recommends g++ \
    && PIP_EXTRA_INDEX_URL="$TORCH_INDEX" pip install --no-cache-dir --editable '.[worker,crf]' \
    && apt-get purge -qq -y --auto-remove g++ && rm -rf /var/lib/apt/lists/*
USER mothmask
CMD ["mothmask", "worker"]
