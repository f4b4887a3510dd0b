#!/bin/sh
# Reads secrets from files: NAME_FILE=/run/secrets/name becomes NAME for the program, which then takes this process over.
set -eu

for name in OPENAI_API_KEY TTS_FALLBACK_API_KEY DATABASE_URL JWT_SECRET WEBHOOK_SECRET \
    AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN; do
    eval "file=\${${name}_FILE:-} value=\${$name:-}"
    if [ -z "$file" ]; then
        continue
    fi
    if [ -n "$value" ]; then
        echo "$name: is set, and so is ${name}_FILE; one of them must go" >&2
        exit 2
    fi
    if [ ! -f "$file" ] || [ ! -r "$file" ]; then
        echo "${name}_FILE: cannot be read by user $(id -u)" >&2
        exit 2
    fi
    value=$(tr -d '\r\n' <"$file")
    unset "${name}_FILE"
    if [ -n "$value" ]; then
        export "$name=$value"
    fi
done

# Compose passes on as empty what nobody set; the AWS SDK would take that for a value.
for name in AWS_REGION AWS_ENDPOINT_URL_S3 AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY; do
    eval "value=\${$name:-}"
    if [ -z "$value" ]; then
        unset "$name"
    fi
done

exec "$@"
