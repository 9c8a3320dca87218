// The HTML report in headless Chromium: it loads nothing, runs nothing of a target, and works by keyboard, in both themes and at both widths.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "plimsoll-e2e-"));
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
let browser;

before(async () => {
  for (const name of ["shop", "hostile"]) {
    const html = execFileSync("cargo", ["run", "-q", "--locked", "-p", "plimsoll-report", "--example", "fixture_report", "--", name], { cwd: root, maxBuffer: 1 << 26 });
    writeFileSync(path.join(folder, `${name}.html`), html);
  }
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags });
});
after(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

async function open(name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const trouble = [];
  const address = pathToFileURL(path.join(folder, `${name}.html`)).href;
  page.on("console", (message) => trouble.push(message.text()));
  page.on("pageerror", (error) => trouble.push(String(error)));
  page.on("request", (request) => { if (request.url() !== address && !request.url().startsWith("data:")) trouble.push(`request ${request.url()}`); });
  page.on("dialog", (dialog) => { trouble.push("dialog"); dialog.dismiss(); });
  await page.goto(address);
  return { page, trouble, close: () => context.close() };
}

for (const name of ["shop", "hostile"]) {
  for (const width of [1400, 400]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`${name} at ${width} px, ${colorScheme}: quiet, and nothing beside the page`, async () => {
        const { page, trouble, close } = await open(name, { viewport: { width, height: 900 }, colorScheme });
        await page.locator(".card").evaluateAll((cards) => cards.forEach((card) => { card.open = true; }));
        assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, window.pwned]), [true, undefined]);
        assert.deepEqual(trouble, []);
        await close();
      });
    }
  }
}

test("cards, tabs and filters work by keyboard", async () => {
  const { page, trouble, close } = await open("shop");
  const second = page.locator(".card").nth(1);
  await second.locator("summary").focus();
  await page.keyboard.press("Enter");
  assert.equal(await second.evaluate((card) => card.open), true);
  await second.getByRole("tab", { name: "FastAPI" }).focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await second.getByRole("tab", { name: "Django" }).getAttribute("aria-selected"), "true");
  assert.deepEqual(await second.getByRole("tabpanel").evaluateAll((panels) => panels.map((panel) => panel.dataset.tab)), ["Django"]);
  await page.locator("#issue-severity").selectOption("low");
  assert.equal(await page.locator("#issues .card:visible").count(), 1);
  await page.locator("#operation-filter").fill("export");
  assert.equal(await page.locator("#operation-table tbody tr:visible").count(), 1);
  await page.locator("#operation-filter").fill("");
  await page.getByRole("button", { name: "Size", exact: true }).click();
  assert.match(await page.locator("#operation-table tbody tr").first().textContent(), /\/export/);
  assert.deepEqual(trouble, []);
  await close();
});

test("without scripts everything is there", async () => {
  const { page, close } = await open("shop", { javaScriptEnabled: false });
  const second = page.locator(".card").nth(1);
  await second.locator("summary").click();
  assert.deepEqual(await second.locator(".tabs h4:visible").allTextContents(), ["FastAPI", "Django"]);
  assert.equal(await page.locator("#theme:visible, .tools:visible").count(), 0);
  await close();
});
