#!/bin/sh
# make_certificates.sh FOLDER: an authority of its own and certificates by it (good for localhost and 127.0.0.1, for another
# name, expired), and one by an authority nobody trusts. What a verifying client must tell apart.
set -eu
cd "$1"
yesterday=$(date -u -d yesterday +%Y%m%d000000Z)
tomorrow=$(date -u -d "2 days" +%Y%m%d000000Z)

authority() { # NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.pem" -days 2 \
    -subj "/CN=$1" -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

certificate() { # NAME AUTHORITY SUBJECT_ALT_NAME [START END], else from yesterday to the day after tomorrow
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
  mkdir -p "issued-$1"
  : > "issued-$1/index.txt"
  cat > "$1.cnf" <<END
[ca]
default_ca = issuing
[issuing]
database = issued-$1/index.txt
new_certs_dir = issued-$1
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
subjectAltName = $3
END
  openssl ca -batch -notext -config "$1.cnf" -cert "$2.pem" -keyfile "$2.key" -in "$1.csr" -out "$1.pem" \
    -startdate "${4:-$yesterday}" -enddate "${5:-$tomorrow}"
}

authority trusted
authority stranger
certificate good trusted "DNS:localhost,IP:127.0.0.1"
certificate other_name trusted "DNS:other.example"
certificate expired trusted "DNS:localhost,IP:127.0.0.1" 20200101000000Z 20200201000000Z
certificate unknown stranger "DNS:localhost,IP:127.0.0.1"
