#!/bin/sh
# Copies what is new in the audit log into a folder, as one file more that begins with the SHA-256 of the file before it:
#   sh copy-audit.sh FOLDER           best a folder that the database's administrator cannot write to
#   sh copy-audit.sh --check FOLDER   says whether every file is still followed by its own SHA-256
# PSQL is how the database is reached; by default, it is the one of compose.yaml.
set -eu

check=
if [ "${1:-}" = --check ]; then
    check=1
    shift
fi
if [ $# -ne 1 ] || [ ! -d "$1" ]; then
    echo "usage: sh copy-audit.sh [--check] FOLDER; the folder must be there" >&2
    exit 2
fi
folder=$1

digest() {
    sha256sum <"$1" | cut -d ' ' -f 1
}

last=
before=none
for file in "$folder"/audit-*.ndjson; do
    [ -f "$file" ] || continue
    if [ -n "$check" ] && ! head -n 1 "$file" | grep -q "\"previous\": \"$before\""; then
        echo "$file does not follow the file before it: that one was changed, or one between them is gone" >&2
        exit 1
    fi
    last=$file
    before=$(if [ -n "$check" ]; then digest "$file"; fi)
done
if [ -n "$check" ]; then
    echo "all follow each other; the SHA-256 of the last one is $before"
    exit 0
fi

ask() {
    ${PSQL:-docker compose exec -T database psql -U tts -d tts} -X -q -A -t -v ON_ERROR_STOP=1 -c "$1" </dev/null
}

from=0
if [ -n "$last" ]; then
    from=${last##*/audit-}
    from=${from%.ndjson}
    before=$(digest "$last")
fi
# An entry bears the time of its action and is seen from the commit on: ten minutes are more than a transaction takes.
to=$(ask "SELECT (extract(epoch FROM now()) * 1000)::bigint - 600000")
part="$folder/.audit.part"
trap 'rm -f "$part"' EXIT
{
    printf '{"previous": "%s", "from": %s, "to": %s}\n' "$before" "$from" "$to"
    ask "SELECT json_build_object('tts_audit', row_to_json(a)) FROM tts_audit a
        WHERE happened_at >= $from * 1000::bigint AND happened_at < $to * 1000::bigint ORDER BY number"
    ask "SELECT json_build_object('audit', row_to_json(a)) FROM audit a
        WHERE at_millis >= $from AND at_millis < $to ORDER BY id"
} >"$part"
entries=$(($(wc -l <"$part") - 1))
if [ "$entries" -gt 0 ]; then
    mv "$part" "$folder/audit-$to.ndjson"
fi
echo "$entries new entries"
