# The emulator alone: no tests, no SDKs.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY mockleo mockleo
COPY contracts contracts
COPY scenarios scenarios
RUN pip install --no-cache-dir --prefix=/install .

FROM python:3.13-slim
COPY --from=build /install /usr/local
RUN useradd --system --uid 10001 --no-create-home mockleo
USER 10001
EXPOSE 5360
# Inside the container every interface, so that a published port reaches it: that needs a token.
ENV MOCKLEO_HOST=0.0.0.0 \
    PYTHONUNBUFFERED=1
HEALTHCHECK --interval=5s --timeout=3s --start-period=5s --retries=5 CMD ["mockleo", "ready"]
ENTRYPOINT ["mockleo"]
CMD ["serve"]
