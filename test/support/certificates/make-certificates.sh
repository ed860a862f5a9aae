#!/bin/sh
# Makes the certificates that tests of TLS use, valid for 100 years. They are committed, so that nobody needs
# openssl to run the tests; the keys protect nothing.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/ca.cnf" <<CONFIGURATION
[ca]
default_ca = test
[test]
database = $work/index
new_certs_dir = $work
serial = $work/serial
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
CONFIGURATION
: > "$work/index"
openssl rand -hex 16 > "$work/serial"

signer="$work/ca-key.pem"

# sign KEY NAME COMMON_NAME NOT_BEFORE NOT_AFTER EXTENSIONS [how it is signed]
sign() {
  key=$1 name=$2 subject=$3 from=$4 until=$5 extensions=$6
  shift 6
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$key" 2> "$work/log"
  openssl req -new -key "$key" -subj "/CN=$subject" -out "$work/$name.csr"
  printf '%b\n' "$extensions" > "$work/$name.ext"
  openssl ca -batch -notext -config "$work/ca.cnf" -keyfile "$signer" -startdate "$from" -enddate "$until" \
    -extfile "$work/$name.ext" -in "$work/$name.csr" -out "$name.pem" "$@" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
}

start=20250101000000Z
end=21250101000000Z
leaf='basicConstraints = critical, CA:false\nkeyUsage = critical, digitalSignature\nextendedKeyUsage ='
loopback="$leaf serverAuth\nsubjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1"

sign "$work/ca-key.pem" ca "Healthspan test authority" "$start" "$end" \
  'basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign' -selfsign
sign server-key.pem server localhost "$start" "$end" "$loopback" -cert ca.pem
sign expired-key.pem expired localhost 20200101000000Z 20210101000000Z "$loopback" -cert ca.pem
sign other-host-key.pem other-host other.example "$start" "$end" "$leaf serverAuth\nsubjectAltName = DNS:other.example" -cert ca.pem
sign client-key.pem client healthspan "$start" "$end" "$leaf clientAuth\nsubjectAltName = DNS:healthspan" -cert ca.pem

# A chain whose intermediate ends before its root and the server's.
authority='basicConstraints = critical, CA:true\nkeyUsage = critical, keyCertSign, cRLSign'
signer="$work/root-key.pem"
sign "$work/root-key.pem" chain-root "Healthspan test root" "$start" "$end" "$authority" -selfsign
sign "$work/issuer-key.pem" chain-issuer "Healthspan test issuer" "$start" 21000101000000Z "$authority" -cert chain-root.pem
signer="$work/issuer-key.pem"
sign chain-server-key.pem chain-server localhost "$start" "$end" "$loopback" -cert chain-issuer.pem

# A key that is too short.
openssl req -x509 -newkey rsa:1024 -nodes -keyout weak-key.pem -out weak.pem -days 36500 \
  -subj /CN=localhost -addext "subjectAltName = DNS:localhost, IP:127.0.0.1" 2> "$work/log" || { cat "$work/log" >&2; exit 1; }
