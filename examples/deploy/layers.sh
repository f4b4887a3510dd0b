#!/bin/sh
# Sorts what Maven built into the layers of the images: what others wrote apart from what changes with every commit, and
# what both programs need apart from what one needs. Run at the top of the repository, after
#   mvn package dependency:copy-dependencies -DincludeScope=runtime -Dmdep.prependGroupId=true
set -eu

out=$1
mkdir -p "$out/lib" "$out/lib-worker" "$out/lib-server" "$out/own"

# Two versions of one library are two names: each program gets its own, and never both.
sort_for() {
    other=$2
    for jar in "examples/$1/target/dependency"/*.jar; do
        case ${jar##*/} in
            dev.ttsjobs.*) cp "$jar" "$out/own/" ;;
            *)
                if [ -e "examples/$other/target/dependency/${jar##*/}" ]; then
                    cp "$jar" "$out/lib/"
                else
                    cp "$jar" "$out/lib-$1/"
                fi
                ;;
        esac
    done
}

sort_for worker server
sort_for server worker
# The server depends on the worker's module; only its own is still to come.
cp examples/server/target/server-[0-9]*.jar "$out/own/dev.ttsjobs.examples.server.jar"
# The programs run as a user of their own, who may read what the build made for itself alone.
chmod -R a+rX "$out"
