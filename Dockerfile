# The API, and the deploy. Build: docker build -t ig-live-video-backend .
# Debian's own Python: the same 3.11 that the locks are made for.
FROM debian:bookworm-slim

RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home app

WORKDIR /srv
COPY requirements.lock ./
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes --requirement requirements.lock

COPY api ./api
COPY db ./db

ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=3000
USER 10001
EXPOSE 3000

# Says that the process answers; whether the database does is another question.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD python3 -c \
    "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/api/health', timeout=2)"

# python -m api, not uvicorn by itself: it leaves no say in addresses to clients.
CMD ["python", "-m", "api"]
