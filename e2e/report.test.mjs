// The HTML report in headless Chromium: it loads nothing, runs nothing of a target, and works by keyboard, in both themes and at both widths; axe-core
// finds no serious fault in it. With PLIMSOLL_SHOTS=FOLDER the pages are left there as pictures, to be looked at.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), "plimsoll-e2e-"));
const shots = process.env.PLIMSOLL_SHOTS;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const quiet = ["joined", "shop", "hostile", "hostile-joined"];
const ordinary = ["joined", "partial", "shop", "memory", "clean", "incomplete"];
let browser;

/** The example that writes a fixture as HTML, built with the whole workspace's features as the tests are, so that nothing is built twice. */
function builder() {
  const built = execFileSync("cargo", ["build", "-q", "--locked", "--message-format=json", "--workspace", "--example", "fixture_report"], { cwd: root, maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "inherit"] });
  const messages = built.toString().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return messages.findLast((message) => message.target?.name === "fixture_report" && message.executable).executable;
}

before(async () => {
  const example = builder();
  for (const name of new Set([...quiet, ...ordinary, "huge"])) {
    writeFileSync(path.join(folder, `${name}.html`), execFileSync(example, [name], { maxBuffer: 1 << 26 }));
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

const openEverything = (page) => page.locator("details").evaluateAll((parts) => parts.forEach((part) => { part.open = true; }));

for (const name of quiet) {
  for (const width of [1400, 400]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`${name} at ${width} px, ${colorScheme}: quiet, and nothing beside the page`, async () => {
        const { page, trouble, close } = await open(name, { viewport: { width, height: 900 }, colorScheme });
        await openEverything(page);
        assert.deepEqual(await page.evaluate(() => [document.documentElement.scrollWidth <= innerWidth, window.pwned]), [true, undefined]);
        assert.deepEqual(trouble, []);
        if (shots && !name.startsWith("hostile")) {
          mkdirSync(shots, { recursive: true });
          await page.screenshot({ path: path.join(shots, `${name}-${width}-${colorScheme}.png`), fullPage: true });
        }
        await close();
      });
    }
  }
}

for (const name of ordinary) {
  for (const width of [1400, 400]) {
    for (const colorScheme of ["light", "dark"]) {
      test(`${name} at ${width} px, ${colorScheme}: no serious fault of accessibility`, async () => {
        const { page, close } = await open(name, { viewport: { width, height: 900 }, colorScheme });
        await openEverything(page);
        // Evaluated by the debugger, which the page's policy does not concern.
        await page.evaluate(axe);
        const result = await page.evaluate(() => axe.run(document));
        assert.ok(result.passes.length > 20 && result.passes.some((rule) => rule.id === "color-contrast"), "axe looked");
        const serious = result.violations.filter((fault) => ["serious", "critical"].includes(fault.impact));
        assert.deepEqual(serious.map((fault) => `${fault.id}: ${fault.nodes.map((node) => node.target.join(" ")).slice(0, 5).join(", ")}`), []);
        assert.ok(result.violations.length <= 3, result.violations.map((fault) => fault.id).join(", "));
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

test("stage and baseline narrow the issues, and an address opens its card", async () => {
  const { page, trouble, close } = await open("joined");
  const all = await page.locator("#issues .card:visible").count();
  await page.locator("#issue-stage").selectOption("fixed");
  assert.equal(await page.locator("#issues .card:visible").count(), 1);
  assert.equal(await page.locator("#issue-count").textContent(), `1 of ${all}`);
  await page.locator("#issue-stage").selectOption("");
  await page.locator("#issue-new").check();
  assert.equal(await page.locator("#issues .card[data-since=known]:visible").count(), 0);
  const hidden = page.locator("#issues .card[data-since=known]").first();
  const name = await hidden.getAttribute("id");
  await page.evaluate((fragment) => { location.hash = fragment; }, name);
  await hidden.locator(".body").waitFor({ state: "visible" });
  assert.equal(await page.evaluate(() => document.activeElement.parentElement.id), name);
  assert.deepEqual(trouble, []);
  await close();
});

test("a change is copied as it was proposed", async () => {
  const { page, close } = await open("joined", { permissions: ["clipboard-read", "clipboard-write"] });
  const diff = page.locator(".card").first().locator(".fix .copy").first();
  await diff.getByRole("button", { name: "Copy the change" }).click();
  await page.getByText("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^--- a\/shop\/cache\.py\n\+\+\+ b\/shop\/cache\.py\n@@ -1,5 \+1,6 @@\n\+from cachetools import TTLCache\n from shop\.models/);
  assert.equal(copied, await diff.locator("code").evaluate((code) => code.textContent));
  await close();
});

test("what was added and removed can be told without colour", async () => {
  const { page, close } = await open("joined");
  const lines = (tag) => page.locator(`.diff ${tag}`).evaluateAll((all) => all.map((line) => line.textContent[0]));
  assert.deepEqual(new Set(await lines("ins")), new Set("+"));
  assert.deepEqual(new Set(await lines("del")), new Set("-"));
  await close();
});

test("30,000 issues: the page is there at once and filters while one types", async () => {
  const began = performance.now();
  const { page, trouble, close } = await open("huge");
  const loaded = performance.now() - began;
  const typed = performance.now();
  await page.locator("#issue-filter").fill("resources-0007");
  await page.locator("#issue-count").filter({ hasText: " of " }).waitFor();
  const filtered = performance.now() - typed;
  assert.ok(loaded < 15_000 && filtered < 5_000, `${loaded} ms to load, ${filtered} ms to filter`);
  assert.deepEqual(trouble, []);
  await close();
});

test("paper shows what is closed on the screen", async () => {
  const { page, close } = await open("joined");
  await page.emulateMedia({ media: "print" });
  const last = page.locator("#issues .card").last();
  assert.equal(await last.evaluate((card) => card.open), false);
  assert.ok(await last.locator(".body").evaluate((body) => body.getBoundingClientRect().height) > 50);
  if (shots) writeFileSync(path.join(shots, "joined.pdf"), await page.pdf({ preferCSSPageSize: true }));
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
