#!/bin/sh
# Clients that were never written for the local tenant sign in through it, over TLS. By hand, on Debian or Ubuntu:
#   apt-get install -y --no-install-recommends python3-msal apache2 libapache2-mod-auth-openidc
#   sh test/foreign-clients/run.sh
set -eu
cd "$(dirname "$0")/../.."
tenant_port=${TENANT_PORT:-3443}
apache_port=${APACHE_PORT:-3480}
folder=$(mktemp -d)
chmod 755 "$folder"
tenant=
apache=
finish() {
  for id in $apache $tenant; do kill "$id" 2>/dev/null || true; done
  wait
  rm -rf "$folder"
}
trap finish EXIT

# $1: the address, $2: a log to show when nothing answers there.
until_ready() {
  for _ in $(seq 100); do
    curl --silent --output /dev/null --cacert "$certificate" "$1" && return
    sleep 0.1
  done
  cat "$2"
  exit 1
}

certificate=$PWD/.local-tenant/certificate.pem
PORT=$tenant_port node local-tenant/bin.js --tls >"$folder/tenant.log" 2>&1 &
tenant=$!
until_ready "https://localhost:$tenant_port/livez" "$folder/tenant.log"
export AUTHORITY="https://localhost:$tenant_port/7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70"
export REQUESTS_CA_BUNDLE="$certificate"

echo "python3-msal $(dpkg-query --show --showformat '${Version}' python3-msal)"
/usr/bin/python3 test/foreign-clients/msal_client.py

echo "mod_auth_openidc $(dpkg-query --show --showformat '${Version}' libapache2-mod-auth-openidc)"
mkdir -p "$folder/pages/private"
echo 'Signed in as <!--#echo var="REMOTE_USER" -->, oid <!--#echo var="OIDC_CLAIM_oid" -->' >"$folder/pages/private/index.shtml"
sed -e "s|{FOLDER}|$folder|g" -e "s|{PORT}|$apache_port|g" -e "s|{AUTHORITY}|$AUTHORITY|g" \
  -e "s|{CERTIFICATE}|$certificate|g" -e "s|{MODULES}|/usr/lib/apache2/modules|g" -e "s|{USER}|${APACHE_USER:-www-data}|g" \
  test/foreign-clients/apache.conf.template >"$folder/apache.conf"
# It ends its whole process group, which must not be this one.
setsid apache2 -f "$folder/apache.conf" -DFOREGROUND 2>"$folder/apache.log" &
apache=$!
until_ready "http://localhost:$apache_port/" "$folder/apache.log"
APACHE_URL="http://localhost:$apache_port" /usr/bin/python3 test/foreign-clients/apache_sign_in.py || { cat "$folder/error.log"; exit 1; }

echo 'What the tenant said:'
grep -E 'Signed in|device|Refused' "$folder/tenant.log"
