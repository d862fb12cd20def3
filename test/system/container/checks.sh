# The checks of the image; sourced by run.sh.

url=http://127.0.0.1:9000
at=REGISTRY_MOCK_PORT=9000
details=/har/api/v1/registry/acme/platform/web/images/+/artifact/library/nginx/+/version/1.25.3/details
fresh=/har/api/v1/registry/acme/fresh/+/artifact/a/version/v1/details
key='x-api-key: pat.acme.dev.local'
status() { inside curl -s -o "$work/body" -w '%{http_code}' "$@"; }
answers() { [ "$(status -H "$key" "$url$2")" = "$1" ]; }
of_process() { awk -v name="$1:" '$1 == name { print $NF }' "/proc/$pid/status"; }

# Content
label() { jq -r ".Labels[\"org.opencontainers.image.$1\"]" <<<"$config"; }
check 'the label has the version' [ "$(label version)" = "$version" ]
check 'the label has the licence' [ "$(label licenses)" = "$(jq -r .license package.json)" ]
check 'the user is numeric and not root' [ "$(jq -r .User <<<"$config")" = 65532:65532 ]
production=$(jq -r '.packages | to_entries[] | select(.key != "" and (.value | (.dev or .optional or .devOptional) | not)) | .key' package-lock.json | sort)
installed=$(cd "$root/app" && find node_modules -name package.json -path '*node_modules/*' |
  sed -nE 's#/package.json$##; \#(^|/)node_modules/(@[^/]+/)?[^/]+$#p' | sort)
check 'its packages are those of the lock file' diff <(echo "$production") <(echo "$installed")
check 'it has no package manager' [ -z "$(find "$root/usr/local/bin" "$root/usr/local/lib" "$root/opt" \( -name 'npm*' -o -name 'npx*' -o -name 'yarn*' -o -name 'corepack*' \) -print -quit)" ]
check 'it has no compiler' [ -z "$(find "$root/usr/bin" \( -name 'g++*' -o -name make -o -name 'python3*' \) -print -quit)" ]
check 'it has no source, no types and no maps' [ -z "$(find "$root/app" \( -path "$root/app/src" -o -name '*.map' -o -name '*.[cm]ts' -o -name '*.ts' \) -print -quit)" ]
check 'its user cannot write to it' [ -z "$(find "$root/app" \( -user 65532 -o -perm -o+w -not -type l \) -print -quit)" ]

# Run
check 'it is unhealthy before the start' not health "$at"
check 'it starts' start "$at"
check 'it is process 1' [ "$(of_process NSpid)" = 1 ]
check 'it is not root' [ "$(of_process Uid)" = 65532 ]
check 'it has no capability' [ "$(of_process CapEff)" = 0000000000000000 ]
check 'it cannot gain capabilities' [ "$(of_process NoNewPrivs)" = 1 ]
check 'its root is read-only' grep -q 'EROFS' <(run_image '["node","-e","fs.writeFileSync(`/tmp/x`, ``)"]' 2>&1)
check 'it listens beyond the machine' grep -q "^Listening on http://.*:9000$" "$work/out"
check 'it serves' answers 200 "$details"
check 'it checks keys' [ "$(status "$url$details")" = 401 ]
check 'its admin API is off' [ "$(status "$url/__admin/faults")" = 404 ]
check 'it is healthy' health "$at"
kill -STOP "$pid"
check 'it is unhealthy when it hangs' not health "$at"
kill -CONT "$pid"
check 'it is healthy again' health "$at"
stop TERM
check 'SIGTERM ends it with exit code 0' [ "$code" = 0 ]
check "it takes less than a second ($took ms)" [ "$took" -lt 1000 ]
check 'it is unhealthy after the end' not health "$at"
start "$at" && stop INT
check 'SIGINT ends it too' [ "$code" = 0 ]

# Configuration
check 'it reads variables' start "$at" REGISTRY_MOCK_AUTH=off REGISTRY_MOCK_ADMIN_TOKEN=s3same REGISTRY_MOCK_HOST=127.0.0.1
check 'without auth, no key is needed' [ "$(status "$url$details")" = 200 ]
check 'the admin API needs the token' [ "$(status "$url/__admin/faults")" = 401 ]
check 'the token is accepted' [ "$(status -H 'authorization: Bearer s3same' "$url/__admin/faults")" = 200 ]
check 'the health check reads the same variables' health "$at" REGISTRY_MOCK_HOST=127.0.0.1
stop TERM
mkdir -p "$work/fixtures" "$work/data"
chmod 755 "$work"
chown 65532:65532 "$work/data"
cat >"$work/fixtures/fresh.yaml" <<'YAML'
registries: [{ ref: acme/fresh, packageType: GO, artifacts: [{ name: a, versions: [{ version: v1 }] }] }]
YAML
cat >"$work/fixtures/keys.yaml" <<'YAML'
apiKeys: [{ key: pat.acme.dev.local, name: dev, grants: [acme] }]
YAML
check 'it reads mounted fixtures' start "$at" "$work/fixtures:/app/fixtures:ro" REGISTRY_MOCK_FIXTURES=/app/fixtures
check 'they are served' answers 200 "$fresh"
check 'the bundled ones are not' answers 404 "$details"
stop TERM
volume=("$at" "$work/data:/data" REGISTRY_MOCK_DB=/data/store.db REGISTRY_MOCK_ADMIN_TOKEN=s3same)
check 'it keeps its store on a volume' start "${volume[@]}"
put() { status -H 'authorization: Bearer s3same' -H 'content-type: application/yaml' -T "$work/fixtures/fresh.yaml" "$url/__admin/fixtures"; }
check 'data is added' [ "$(put)" = 200 ]
stop TERM
check 'it starts on that volume again' start "${volume[@]}"
check 'the data is still there' answers 200 "$fresh"
kill -KILL "$pid"
wait "$engine" 2>/dev/null
check 'it starts again after a kill' start "${volume[@]}"
check 'and the data is still there' answers 200 "$fresh"
stop TERM

# Secrets in files, HTTPS, metrics, and the end
secure=https://127.0.0.1:9000
mkdir -p "$work/secrets"
echo s3same >"$work/secrets/token"
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=mock -addext subjectAltName=IP:127.0.0.1 \
  -keyout "$work/secrets/tls.key" -out "$work/secrets/tls.crt" 2>/dev/null
chmod -R a+rX "$work/secrets"
files=("$at" "$work/secrets:/mnt:ro" REGISTRY_MOCK_TLS_CERT=/mnt/tls.crt REGISTRY_MOCK_TLS_KEY=/mnt/tls.key)
over_tls() { status --cacert "$work/secrets/tls.crt" -H "$key" "$@"; }
check 'it reads a token and a certificate from files' start "${files[@]}" REGISTRY_MOCK_ADMIN_TOKEN_FILE=/mnt/token REGISTRY_MOCK_CLOSE_TIMEOUT=20000
check 'it speaks HTTPS' grep -q '^Listening on https://' "$work/out"
check 'it serves over HTTPS' [ "$(over_tls "$secure$details")" = 200 ]
check 'it serves nothing over HTTP' not answers 200 "$details"
check 'the admin API needs the token of the file' [ "$(over_tls "$secure/__admin/faults")" = 401 ]
check 'the token of the file is accepted' [ "$(over_tls -H 'authorization: Bearer s3same' "$secure/__admin/faults")" = 200 ]
check 'the health check speaks HTTPS' health "${files[@]}"
check 'the health check fails over HTTP' not health "$at"
check 'it has metrics, without a token' grep -q '^registry_mock_build_info{' <(inside curl -s --cacert "$work/secrets/tls.crt" "$secure/metrics")
over_tls -H 'prefer: delay=3000' "$secure$details" >"$work/late" &
late=$!
sleep 1
stop TERM
wait "$late"
check 'a request in flight is answered before the end' [ "$(cat "$work/late")" = 200 ]
check 'it ends with exit code 0' [ "$code" = 0 ]
check "it ends once that is answered ($took ms)" [ "$took" -lt 10000 ]
start "$at" REGISTRY_MOCK_ADMIN_TOKEN_FILE=/mnt/none 2>/dev/null
check 'a missing file is named in one sentence' [ "$(grep -c . "$work/out")/$(grep -c /mnt/none "$work/out")" = 1/1 ]
check 'it does not start without the file' not grep -q '^Listening' "$work/out"
engine=

# Size, in KiB
size() { du -sxk "$@" | awk '{ sum += $1 } END { print sum }'; }
check "it has at most 260 MB ($(size "$root") KiB)" [ "$(size "$root")" -le 266240 ]
check "our part has at most 31 MB ($(size "$root/app") KiB)" [ "$(size "$root/app")" -le 31744 ]
