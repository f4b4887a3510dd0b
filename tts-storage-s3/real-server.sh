#!/bin/sh
# Runs the storage contract against S3 servers that CI does not have. At the top of the repository:
#   tts-storage-s3/real-server.sh ceph      a Ceph RGW of its own, in memory; as root, on Debian, with
#                                           apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common
#   tts-storage-s3/real-server.sh s3mock    Adobe's S3Mock, from Maven Central
#   tts-storage-s3/real-server.sh given     the one that AWS_ENDPOINT_URL_S3 and the AWS SDK's other settings name, and
#                                           TTS_TEST_S3_BUCKET on it; without an endpoint, AWS itself
# The first two run without a network: what they listen on nobody else can reach.
set -eu

server=${1:?ceph, s3mock or given}
top=$(cd "$(dirname "$0")/.." && pwd)

if [ "$server" != given ] && [ -z "${TTS_ALONE:-}" ]; then
    if [ "$server" = s3mock ]; then
        mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy -Dmdep.stripVersion \
            -Dartifact=com.adobe.testing:s3mock:5.2.0:jar:exec -DoutputDirectory="$top/tts-storage-s3/target"
    fi
    cd "$top"
    mvn -q -B -DskipTests test-compile -pl tts-storage-s3 -am
    exec unshare --net env TTS_ALONE=1 "$0" "$server"
fi

tests=RealServerTest
work=$(mktemp -d)
processes=
end() {
    status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 5 "$work"/*.out >&2 || true
    fi
    for process in $processes; do
        kill "$process" 2>/dev/null || true
    done
    sleep 1
    for process in $processes; do
        kill -9 "$process" 2>/dev/null || true
    done
    rm -rf "$work"
    exit "$status"
}
trap end EXIT
trap 'exit 1' INT TERM


# An RGW needs a monitor and one disk, which is memory here; a manager it does not need.
start_ceph() {
    fsid=$(cat /proc/sys/kernel/random/uuid)
    osd=$(cat /proc/sys/kernel/random/uuid)
    mkdir "$work/run" "$work/mon" "$work/osd" "$work/rgw"
    cat >"$work/ceph.conf" <<END
[global]
fsid = $fsid
mon host = [v1:127.0.0.1:16789]
auth cluster required = none
auth service required = none
auth client required = none
ms bind msgr2 = false
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
run dir = $work/run
admin socket = $work/run/\$name.asok
pid file = $work/run/\$name.pid
log file = $work/\$name.log
public addr = 127.0.0.1
cluster addr = 127.0.0.1
[mon.a]
mon data = $work/mon
[osd]
osd data = $work/osd
osd objectstore = memstore
osd crush update on start = false
memstore device bytes = 2147483648
[client.rgw]
rgw data = $work/rgw
rgw frontends = beast endpoint=127.0.0.1:18000
END
    conf="-c $work/ceph.conf"
    # shellcheck disable=SC2086
    {
        monmaptool --create --addv a '[v1:127.0.0.1:16789]' --fsid "$fsid" "$work/monmap" >/dev/null
        ceph-mon $conf --mkfs -i a --monmap "$work/monmap"
        ceph-mon $conf -i a -f >"$work/mon.out" 2>&1 &
        monitor=$!
        processes=$monitor
        until ceph $conf mon stat >/dev/null 2>&1; do
            kill -0 "$monitor"
            sleep 0.2
        done
        ceph $conf osd new "$osd" >/dev/null
        ceph-osd $conf -i 0 --mkfs --osd-uuid "$osd" >"$work/osd.out" 2>&1
        ceph-osd $conf -i 0 -f >>"$work/osd.out" 2>&1 &
        # The disk first: without its monitor it does not end.
        processes="$! $monitor"
        ceph $conf osd crush add osd.0 1 root=default host=here >/dev/null 2>&1
        radosgw-admin $conf user create --uid=t --display-name=t --access-key=AKIDTEST --secret-key=secretsecret >/dev/null
        radosgw $conf -n client.rgw -f >"$work/rgw.out" 2>&1 &
        processes="$! $processes"
    }
    await 18000
    radosgw --version
}

start_s3mock() {
    java -jar "$top/tts-storage-s3/target/s3mock-exec.jar" --server.address=127.0.0.1 --server.port=18000 \
        --server.ssl.enabled=false --com.adobe.testing.s3mock.max-payload-size=100MB \
        --com.adobe.testing.s3mock.store.root="$work" >"$work/s3mock.out" 2>&1 &
    processes=$!
    await 18000
    # It lets several writers win, and writes over an object while that is read.
    export TTS_TEST_S3_LACKS=FIRST_WRITER_WINS
    tests="$tests,!RealServerTest#noReaderOfAPublicName*"
}

await() {
    for _ in $(seq 120); do
        if bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null; then
            return
        fi
        sleep 1
    done
    echo "nobody answers on port $1" >&2
    exit 1
}

if [ "$server" != given ]; then
    ip link set lo up
    "start_$server"
    export AWS_ENDPOINT_URL_S3=http://127.0.0.1:18000 AWS_REGION=us-east-1 TTS_TEST_S3_BUCKET=tts \
        AWS_ACCESS_KEY_ID=AKIDTEST AWS_SECRET_ACCESS_KEY=secretsecret
fi
cd "$top"
# Offline where there is no network; what is needed was fetched before.
mvn ${TTS_ALONE:+-o} -B -ntp test -pl tts-storage-s3 -am -Dtest="$tests" -Dsurefire.failIfNoSpecifiedTests=false
