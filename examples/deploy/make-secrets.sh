#!/bin/sh
# Makes the secrets that compose.yaml mounts, beside this script, and leaves those that are there as they are.
set -eu
cd "$(dirname "$0")"

# The containers run as other users than you, so the files must be readable by all; the folder keeps others out.
umask 022
mkdir -p secrets
chmod 0700 secrets

random() {
    od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
}

keep() {
    if [ ! -e "secrets/$1" ]; then
        cat >"secrets/$1"
    fi
}

random | keep database_password
printf 'postgresql://tts:%s@database:5432/tts' "$(cat secrets/database_password)" | keep database_url
random | keep jwt_secret
# Hexadecimal digits are base64 too: 48 bytes of it.
printf 'whsec_%s' "$(random)" | keep webhook_secret
# Without a key the offline voice speaks. The S3 server of the profile takes any key; put your own in for AWS.
keep openai_api_key </dev/null
keep tts_fallback_api_key </dev/null
printf 'tts' | keep aws_access_key_id
random | keep aws_secret_access_key
