#!/bin/sh
# Bundles through the tools that everybody has: unzip, bagit (PyPI), ssh-keygen; openssl ts is tested by `cargo test -p huoyan-dossier`.
#   python3 -m venv /tmp/bag && /tmp/bag/bin/pip install bagit setuptools
#   cargo build --release -p dossier-tamper-bench
#   PYTHON=/tmp/bag/bin/python sh benches/dossier-tamper/stock_tools.sh target/release/dossier-tamper
set -eu
tamper=$1
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$tamper" reference "$work"
count=0
for part in "$work"/*/*.zip; do
  unzip -tq "$part"
  out="$work/out$count"
  unzip -q "$part" -d "$out"
  for folder in "$out"/*; do
    (
      cd "$folder"
      "$python" -m bagit --validate . 2>&1 | tail -1
      ssh-keygen -Y verify -f allowed_signers -I appeal-bundle -n appeal-bundle \
        -s signatures/tagmanifest-sha256.txt.sig < tagmanifest-sha256.txt
    )
  done
  count=$((count + 1))
done
echo "$count parts: unzip, bagit and ssh-keygen find nothing wrong"
