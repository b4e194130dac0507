#!/usr/bin/env bash
# Lets axe-core look at INSTALL.html of the example, on a wide screen and a phone, light and dark, and
# takes the pictures of docs/images if asked. DVPACK names the binary; chromium and npm are needed.
#   tests/tools/accessibility.sh [--pictures]
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DVPACK:?the dvpack program}"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
[ -n "$chromium" ] || { echo "skipped: no chromium"; exit 0; }
command -v npm >/dev/null || { echo "skipped: no npm"; exit 0; }
tools=target/test-tools/accessibility
mkdir -p "$tools"
[ -d "$tools/node_modules/axe-core" ] ||
  npm install --prefix "$tools" --silent --no-audit --no-fund axe-core@4 puppeteer-core@24
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
"$DVPACK" build examples/contoso-widgets --environment uat -o "$work/made" >/dev/null
python3 -m zipfile -e "$work"/made/*.dvpack "$work/bundle"
PAGE="$work/bundle/INSTALL.html" CHROMIUM="$chromium" PDF="$work/install.pdf" PICTURES="${1:-}" NODE_PATH="$PWD/$tools/node_modules" \
  node - <<'JS'
const { readFileSync } = require('node:fs');
const { launch } = require('puppeteer-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
(async () => {
  const browser = await launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox'] });
  let failed = false;
  for (const [name, width] of [['desktop', 1280], ['phone', 390]]) {
    for (const value of ['light', 'dark']) {
      const page = await browser.newPage();
      await page.setBypassCSP(true);
      await page.setViewport({ width, height: 900 });
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      await page.goto(`file://${process.env.PAGE}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      await page.evaluate(axe);
      const { passes, violations } = await page.evaluate(() => axe.run());
      console.log(`${name} ${value}: ${passes.length} rules pass, ${violations.length} violated${wide ? ', scrolls sideways' : ''}`);
      for (const { id, nodes } of violations) console.log(`  ${id}: ${nodes[0].html}`);
      failed ||= wide || violations.length > 0 || passes.length === 0;
      if (process.env.PICTURES && value === 'light') {
        const clip = name === 'phone' ? await page.evaluate(() => {
          const top = document.querySelector('#role').getBoundingClientRect().top + scrollY;
          return { x: 0, y: top, width: innerWidth, height: 1600 };
        }) : { x: 0, y: 0, width, height: 1800 };
        await page.screenshot({ path: `docs/images/install-${name}.png`, clip, captureBeyondViewport: true });
        if (name === 'desktop') await page.pdf({ path: process.env.PDF, preferCSSPageSize: true });
      }
      await page.close();
    }
  }
  await browser.close();
  process.exit(failed ? 1 : 0);
})();
JS
if [ -n "${1:-}" ]; then
  pdftoppm -r 70 -f 2 -l 2 -singlefile -png "$work/install.pdf" docs/images/install-print
fi
