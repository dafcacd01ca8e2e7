// Packets to a list and campaigns on the page: a voucher's link, what is shown of a packet
// whose shares stand in leaves of their own, and sending one.

import { expect } from "@playwright/test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import decodeQR from "qr/decode.js";
import { Network, as, look, screens, test } from "./network.js";

const network = new Network();

test.beforeAll(async () => await network.start());
test.afterAll(async () => await network.stop());

interface Sent { packet: string; links: string[]; dir: string }

// toList sends a packet to a list, and makes its links.
function toList(name: string, table: string, ...more: string[]): Sent {
  const file = join(network.home, `${name}.csv`), dir = join(network.home, name);
  writeFileSync(file, table);
  const sent = network.cli("send", "--list", file, "--from", "alice", ...more);
  network.cli("list", "vouchers", join(network.home, `${name}.list`), "-o", dir, "--qr");
  const links = [...readFileSync(join(dir, "vouchers.csv"), "utf8").matchAll(/hongbao:claim\S+/g)].map((m) => m[0]);
  return { packet: sent.packet, links, dir };
}

test("a voucher is opened, read and claimed, once; its share is final, with its proof", async ({ page }) => {
  const { packet, links } = toList("staff", "Li Lei,5\nHan Meimei,0.80\nWang Wu,12.34\n", "--recall", "24h");
  const key = links[1]!.split("#k=")[1]!.split("&")[0]!;
  page.on("request", (r) => expect(r.url() + (r.postData() ?? "")).not.toContain(key));
  await as(page, "dave");
  await page.goto(network.at(links[1]!));
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await expect(page.locator(".amount")).toHaveText("¥0.80");
  await expect(page.locator(".envelope")).toContainText("This link is entry 2 of the list");
  await expect(page.locator(".of")).toHaveText("¥18.14 in all · 0 of 3 claimed");
  await expect(page.locator(".terms")).toContainText("a list of 3 entries, of which each has its own amount");
  await expect(page.locator(".terms")).toContainText("each entry once");
  expect(page.url()).not.toContain("#");
  await page.locator("#claim").click();
  await expect(page.locator("#yours h2")).toHaveText("Yours, final");
  await expect(page.locator(".amount")).toHaveText("¥0.80");
  await expect(page.locator(".of")).toHaveText("¥18.14 in all · 1 of 3 claimed");
  await expect(page.locator(".timeline")).toContainText("1 claimed");
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain(key); // it has done all that it can
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save the proof of this share" }).click();
  const proof = await (await saved).path();
  expect(network.cli("verify", proof, "--trust", join(network.dir, "trust.json"), "--final", `${packet}/2`).verdict).toBe("valid");

  // Another account with the same link reads that it was used.
  await page.goto(network.url);
  await page.evaluate(() => localStorage.setItem("hongbao/account", "@erin"));
  await page.addInitScript(() => localStorage.setItem("hongbao/account", "@erin"));
  await page.goto(network.at(links[1]!));
  await expect(page.locator("#actions")).toContainText("This voucher was used already.");
  await expect(page.locator("#claim, #yours")).toHaveCount(0);
});

test("a link that does not fit claims nothing, and says why", async ({ page }) => {
  const one = toList("one", "Li Lei,5\nHan Meimei,0.80\n"), two = toList("two", "Li Lei,5\nHan Meimei,0.90\n");
  await as(page, "frank");
  const moved = two.links[0]!.replace(two.packet, one.packet); // an entry of another list
  await page.goto(network.at(moved));
  await expect(page.locator("#packet .notice.bad")).toContainText("is not on this packet's list");
  await expect(page.locator("#claim")).toHaveCount(0);
  const key = (link: string) => link.split("#")[1]!.split("&")[0]!;
  await page.goto(network.url);
  await page.goto(network.at(one.links[0]!.replace(key(one.links[0]!), key(one.links[1]!)))); // another's key
  await expect(page.locator("#packet .notice.bad")).toContainText("The key in this link is not this packet's");
  await page.goto(network.url);
  await page.goto(`${network.url}?chain=&packet=${two.packet}`); // and no entry at all
  await expect(page.locator("#actions")).toContainText("open the link that the sender made for you");
  await expect(page.locator(".amount")).toHaveText("By the list");
  // The link of an address is good for that account alone, whoever sees it.
  const bob = toList("bob", `${network.cli("balance", "bob").address},3\n`);
  await page.goto(network.at(bob.links[0]!));
  await page.locator("#claim").click();
  await expect(page.getByRole("alert")).toContainText("It is for somebody else.");
  expect(network.cli("show", bob.packet).escrow_fen).toBe("300");
});

test("a rain of more shares than a leaf holds: sent, claimed, drawn, and its rest stays", async ({ page }) => {
  await as(page, "alice");
  await page.goto(`${network.url}?do=send`);
  await page.getByText("More", { exact: true }).click();
  await page.locator("input[value=rain]").check({ force: true });
  await page.getByLabel("How much in all").fill("50");
  await page.getByLabel("How many shares").fill("500");
  await page.getByRole("button", { name: "Next: read it, then sign" }).click();
  await expect(page.getByRole("dialog")).toContainText("¥50.00 in 500 shares, each drawn at random");
  await expect(page.getByRole("dialog")).toContainText("anyone can claim");
  await page.getByRole("button", { name: "Sign and send" }).click();
  await expect(page.locator(".of")).toHaveText("¥50.00 in all · 0 of 500 claimed");
  await expect(page.locator("#link")).toContainText("Everyone can claim");
  const packet = new URL(page.url()).searchParams.get("packet")!;
  network.cli("claim", packet, "--from", "bob");
  await expect(page.locator(".of")).toHaveText("¥50.00 in all · 1 of 500 claimed");
  await page.addInitScript(() => localStorage.setItem("hongbao/account", "@carol"));
  await page.goto(`${network.url}?chain=&packet=${packet}`);
  await page.locator("#claim").click();
  await expect(page.locator("#yours h2")).toHaveText("Yours, final");
  await expect(page.locator(".of")).toHaveText("¥50.00 in all · 2 of 500 claimed");
  const share = network.cli("show", `${packet}/2`).shares[0];
  await expect(page.locator(".amount")).toHaveText(`¥${(Number(share.amount_fen) / 100).toFixed(2)}`);
  await page.reload(); // the page finds its share again
  await expect(page.locator("#yours h2")).toHaveText("Yours, final");
  await page.locator("#to-money").click();
  await expect(page.locator(".packets")).toContainText("✓ yours, final");
});

test("the sender takes back what nobody of the list claimed", async ({ page }) => {
  const { packet, links } = toList("back", "Li Lei,5\nHan Meimei,0.80\n", "--recall", "24h");
  network.cli("claim", links[0]!, "--from", "dave");
  await as(page, "alice");
  await page.goto(`${network.url}?chain=&packet=${packet}`);
  await expect(page.locator("#link")).toContainText("hongbao list vouchers");
  await page.getByRole("button", { name: "Take it back" }).click();
  await expect(page.locator(".timeline")).toContainText("what was unclaimed was taken back");
  await expect(page.locator("#claim, .take")).toHaveCount(0);
  expect(network.cli("show", packet).status).toBe("recalled");
});

test("a QR code is read as the link that it was drawn of", async ({ page }) => {
  const { links, dir } = toList("codes", "Li Lei,5\nHan Meimei,0.80\nWang Wu,1\n");
  await page.goto(network.url);
  for (const [i, link] of links.entries()) {
    const png = readFileSync(join(dir, "qr", `${i + 1}.png`)).toString("base64");
    const image = await page.evaluate(async (png) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (c) => c.charCodeAt(0))]));
      const canvas = new OffscreenCanvas(bitmap.width / 2, bitmap.height / 2), at = canvas.getContext("2d")!;
      at.imageSmoothingEnabled = false;
      at.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      const { data, width, height } = at.getImageData(0, 0, canvas.width, canvas.height);
      return { width, height, data: Array.from(data) };
    }, png);
    expect(decodeQR({ ...image, data: Uint8Array.from(image.data) })).toBe(link);
  }
});

test("everybody can read these screens", async ({ browser }) => {
  const { packet, links } = toList("seen", "Li Lei,5\nHan Meimei,0.80\n", "--recall", "24h");
  network.cli("claim", links[0]!, "--from", "dave");
  for (const screen of screens) {
    const [width, height, colorScheme, locale] = screen;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
    const page = await context.newPage();
    await as(page, "grace");
    await page.goto(network.at(links[1]!));
    await expect(page.locator("#claim")).toBeVisible();
    await look(page, "voucher", screen);
    await page.goto(`${network.url}?chain=&packet=${packet}`);
    await expect(page.locator(".timeline")).toBeVisible();
    await look(page, "large", screen);
    await context.close();
  }
});
