#!/bin/sh
# What a client of the server does, with curl and jq: signs up, adds a deck, has its audio made, and fetches it.
# Use: try-it.sh [address of the server]; the audio goes into the folder AUDIO_DIR, or ./try-it-audio.
set -eu
server=${1:-http://localhost:8080}
folder=${AUDIO_DIR:-./try-it-audio}
email=${EMAIL:-"try-it-$(date +%s)-$$@example.org"}
password=${PASSWORD:-'correct horse battery'}

# Says what went wrong in the server's own words, and ends.
call() {
    method=$1
    path=$2
    shift 2
    answer=$(curl --silent --show-error --max-time 30 --request "$method" "$server$path" \
        --header 'Content-Type: application/json' --write-out '\n%{http_code}' "$@")
    status=${answer##*
}
    body=${answer%
*}
    case $status in
        2??) ;;
        *)
            echo "$method $path answered $status: $(printf '%s' "$body" | jq -r '.error // .' 2>/dev/null || true)" >&2
            exit 1
            ;;
    esac
    printf '%s' "$body"
}

account=$(jq -n --arg email "$email" --arg password "$password" '{email: $email, password: $password}')
call POST /api/auth/register --data "$account" >/dev/null
login=$(call POST /api/auth/login --data "$account")
token=$(printf '%s' "$login" | jq -r .token)
echo "signed in as $email"

deck=$(call POST /api/my-decks --header "Authorization: Bearer $token" --data '{
    "name": "Try it", "isPublic": false,
    "cards": [
        {"question": "Good morning", "answers": ["Bonjour"]},
        {"question": "Where is the station?", "answers": ["Où est la gare ?"]},
        {"question": "Thank you very much", "answers": ["Merci beaucoup"]}
    ]}')
request=$(printf '%s' "$deck" | jq '{deckId: .deck.id, phrases: [.deck.cards[] |
    {cardId: .id, textEn: .question, textFr: .answers[0]}]}')
accepted=$(call POST /api/tts/generate --header "Authorization: Bearer $token" --data "$request")
job=$(printf '%s' "$accepted" | jq -r .jobId)
echo "job $job"

while :; do
    state=$(call GET "/api/tts/status/$job" --header "Authorization: Bearer $token")
    printf '%s' "$state" | jq -r '.job |
        "\(.status): \(.processedCount) of \(.totalPhrases) phrases" +
        if .waitingFor then ", waits: \(.waitingFor.message)" else "" end'
    case $(printf '%s' "$state" | jq -r .job.status) in
        completed) break ;;
        failed | cancelled)
            printf '%s' "$state" | jq -r '.job.errorMessage // "no audio"' >&2
            exit 1
            ;;
    esac
    sleep 2
done

mkdir -p "$folder"
printf '%s' "$state" | jq -r '.job.resultUrls[] | .index as $i | .audio | to_entries[] | "\($i + 1)-\(.key).mp3 \(.value.url)"' |
    while read -r name url; do
        curl --silent --show-error --fail --location --max-time 60 --output "$folder/$name" "$url"
    done
echo "audio: $(find "$folder" -name '*.mp3' | wc -l | tr -d ' ') files in $folder"
