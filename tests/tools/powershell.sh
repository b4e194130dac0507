#!/usr/bin/env bash
# Parses the PowerShell script of bundles with a grammar by others. Needs node and npm.
set -euo pipefail
cd "$(dirname "$0")/../.."
script="$PWD/templates/post-import/Apply-Package.ps1"
tools="$PWD/target/test-tools/powershell"
mkdir -p "$tools" && cd "$tools"
[ -d node_modules/tree-sitter-powershell ] || npm install --silent --no-fund --no-audit web-tree-sitter tree-sitter-powershell
cat >parse.mjs <<'EOF'
import { readFileSync } from "node:fs";
import { Language, Parser } from "web-tree-sitter";
await Parser.init();
const parser = new Parser();
parser.setLanguage(await Language.load("node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm"));
const errors = [];
const walk = (node) => {
  if (node.type === "ERROR" || node.isMissing) errors.push(`${node.startPosition.row + 1}: ${node.type}`);
  node.children.forEach(walk);
};
walk(parser.parse(readFileSync(process.argv[2], "utf8")).rootNode);
console.log(errors.length ? errors.join("\n") : "Apply-Package.ps1 parses");
process.exit(errors.length ? 1 : 0);
EOF
node parse.mjs "$script"
