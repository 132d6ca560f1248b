// Opens report pages in headless Chromium and tries what a reader would: no request leaves the disk, no
// error on the console, nothing wider than the window, chart and map answer to the keyboard.
//
//   node page.mjs FOLDER-FOR-SCREENSHOTS REPORT.html...
//
// Needs playwright-core and Chromium (CHROMIUM, or /usr/bin/chromium).
import { chromium } from "playwright-core";
import { mkdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

const [shots, ...pages] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
let wrong = 0;
const expect = (what, holds) => {
  if (!holds) {
    wrong += 1;
    console.error(`FAILED: ${what}`);
  }
};
for (const file of pages) {
  for (const [width, scheme] of [[1280, "light"], [1280, "dark"], [390, "light"]]) {
    const name = `${basename(dirname(resolve(file)))} at ${width}, ${scheme}`;
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme });
    const said = [];
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || said.push(`asked for ${request.url()}`));
    await page.goto(`file://${resolve(file)}`);
    await page.waitForTimeout(300);
    const brief = await page.locator(".brief p").first().textContent();
    expect(`${name}: the page opens with a sentence with a number: ${brief}`, /\d/.test(brief));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(`${name}: nothing is wider than the window, ${wide} px over`, wide <= 0);
    if (await page.locator("#explore").count()) {
      const meaning = () => page.locator("#explore .meaning").textContent();
      const before = await meaning();
      await page.locator("#explore select").focus();
      await page.keyboard.press("ArrowDown");
      await page.waitForTimeout(100);
      expect(`${name}: another probe is chosen by key`, (await meaning()) !== before);
      const box = page.locator("#explore input[type=checkbox]");
      if (await box.isEnabled()) {
        const lines = () => page.locator("#explore .chart path").count();
        const few = await lines();
        await box.focus();
        await page.keyboard.press("Space");
        await page.waitForTimeout(300);
        expect(`${name}: sectors are added by key`, (await lines()) > few);
      }
      await page.locator("#explore input[type=number]").first().fill("100");
      await page.keyboard.press("Tab");
      await page.waitForTimeout(300);
      await page.locator("#explore").screenshot({ path: `${shots}/${name}, explore.png` });
    }
    const player = page.locator(".player input[type=range]");
    if (await player.count()) {
      const output = () => page.locator(".player output").textContent();
      const before = await output();
      await player.focus();
      await page.keyboard.press("ArrowLeft");
      expect(`${name}: the map moves by key`, (await output()) !== before);
    }
    await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
    expect(`${name}: the console is quiet: ${said.join("; ")}`, said.length === 0);
    await page.close();
  }
}
await browser.close();
console.log(`${pages.length} pages, ${wrong} wrong`);
process.exit(wrong === 0 ? 0 : 1);
