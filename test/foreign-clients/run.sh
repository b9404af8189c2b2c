#!/bin/sh
# Clients that were never written for the local tenant sign in through it, with the settings that they have for Entra: the
# hosts file sends Entra's names to the tenant, and each client trusts its certificate. By hand, as root, on Debian or Ubuntu:
#   apt-get install -y --no-install-recommends python3-msal apache2 libapache2-mod-auth-openidc curl openssl chromium
#   sh test/foreign-clients/run.sh
set -eu
cd "$(dirname "$0")/../.."
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

# Outside the project, which must not depend on them.
mkdir "$folder/clients"
cp test/foreign-clients/*.mjs "$folder/clients"
packages='openid-client express-openid-connect @azure/identity @azure/msal-browser'
# shellcheck disable=SC2086
npm install --loglevel=error --no-audit --no-fund --prefix "$folder/clients" $packages express jose playwright-core >"$folder/npm.log" 2>&1 || {
  cat "$folder/npm.log"
  exit 1
}

# The app with a certificate: its key and its certificate in one file.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=certified -keyout "$folder/key.pem" -out "$folder/own.pem" 2>/dev/null
cat "$folder/key.pem" "$folder/own.pem" >"$folder/certified.pem"
node test/foreign-clients/tenantFile.mjs "$folder/own.pem" "$folder/tenant.json"

certificate=$PWD/.local-tenant/certificate.pem
TENANT_FILE="$folder/tenant.json" node local-tenant/bin.js --hosts --write >"$folder/tenant.log" 2>&1 &
tenant=$!
export TENANT_ID=7c1f5d3a-94b2-4e0c-8a6d-2f5b9e3c1d70 TENANT_HOST=https://contoso.ciamlogin.com
until_ready "$TENANT_HOST/livez" "$folder/tenant.log"
export AUTHORITY="$TENANT_HOST/$TENANT_ID" ISSUER="https://$TENANT_ID.ciamlogin.com/$TENANT_ID/v2.0"
export API=api://0a9b8c7d-6e5f-4a3b-9c2d-1e0f2a3b4c5d CERTIFIED="$folder/certified.pem"
THUMBPRINT=$(openssl x509 -in "$folder/own.pem" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g')
CHROMIUM=$(command -v chromium-headless-shell || command -v chromium)
export THUMBPRINT CHROMIUM REQUESTS_CA_BUNDLE="$certificate" NODE_EXTRA_CA_CERTS="$certificate"

echo "python3-msal $(dpkg-query --show --showformat '${Version}' python3-msal)"
/usr/bin/python3 test/foreign-clients/msal_client.py

cd "$folder/clients"
for package in $packages; do
  echo "$package $(node -p "require('./node_modules/$package/package.json').version")"
  node "$(echo "$package" | sed 's/^@//; s/[^a-z]/_/g').mjs"
done
cd "$OLDPWD"

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
