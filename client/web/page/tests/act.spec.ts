// What a reader does with a packet: take back, give back, ask, answer, approve, tighten.

import { type Browser, type Page, expect } from "@playwright/test";
import { join } from "node:path";
import decodeQR from "qr/decode.js";
import { Network, as, look, pending, screens, test } from "./network.js";

const network = new Network();

test.beforeAll(async () => await network.start());
test.afterAll(async () => await network.stop());

const at = (sent: { packet: string }) => `${network.url}?chain=&packet=${sent.packet}`;
const show = (sent: { packet: string }) => network.cli("show", sent.packet);

// by opens a page that signs as one of the accounts that everybody has.
async function by(browser: Browser, name: string, locale = "en-GB"): Promise<Page> {
  const page = await (await browser.newContext({ locale })).newPage();
  await as(page, name);
  return page;
}

// fill fills in what a packet is to be.
async function fill(page: Page, amount: string, shares: string, memo = "") {
  await page.goto(`${network.url}?do=send`);
  await page.getByLabel(/^(How much in all|总共多少钱)/).fill(amount);
  if (shares) await page.getByLabel(/^(How many shares|分几份)/).fill(shares);
  await page.getByLabel(/^(Message|留言)/).fill(memo);
}

const nonceOf = async (name: string) =>
  (await (await fetch(`${network.url}api/accounts/${network.cli("balance", name).address}`)).json()).result.nonce as number;

// read is what a QR code on the screen says.
const read = async (page: Page) => {
  const [size, path] = await page.locator(".qr").evaluate((e) => [Number(e.getAttribute("viewBox")!.split(" ")[2]), e.querySelector("path")!.getAttribute("d")!] as const);
  const scale = 8, width = size * scale, data = new Uint8Array(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h/g)) {
    for (let i = 0; i < scale * scale; i++) {
      const at = ((Number(y) * scale + Math.floor(i / scale)) * width + Number(x) * scale + (i % scale)) * 4;
      data.fill(0, at, at + 3);
    }
  }
  return decodeQR({ width, height: width, data });
};

test("a packet is sent: read before it is signed, and its link and QR code open it", async ({ page, browser }) => {
  await as(page, "alice");
  const before = await nonceOf("alice");
  await fill(page, "88.80", "8", "恭喜发财");
  await page.getByRole("button", { name: "Next" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("¥88.80 in 8 shares of ¥11.10; anyone with the link can claim.");
  await expect(dialog).toContainText("For 2 minutes after sending, the sender can take back what is unclaimed.");
  await page.getByRole("button", { name: "Change it" }).click();
  expect(await nonceOf("alice")).toBe(before);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Sign and send" }).click();
  await expect(page.locator("#link textarea")).toHaveValue(/^hongbao:claim\?chain=[^#]*&packet=rp1[^#]*#k=[^&]*&m=/);
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  const link = await page.locator("#link textarea").inputValue(), packet = /packet=(rp1\w+)/.exec(link)![1]!;
  expect(await read(page)).toBe(link);
  expect(page.url()).not.toContain("k=");
  expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(link.split("#k=")[1]!.split("&")[0]);
  expect(network.cli("claim", link, "--from", "bob").amount_fen).toBe("1110");
  expect(network.cli("show", packet)).toMatchObject({ scene: "friends", total_fen: "8880", shares: [{ state: "settled" }] });
  expect(await nonceOf("alice")).toBe(before + 1);
  // Another browser of the sender's finds the link again. Another sender does not.
  const other = await by(browser, "alice");
  await other.goto(at({ packet }));
  await other.getByRole("button", { name: "Find the link" }).click();
  await expect(other.locator("#link textarea")).toHaveValue(link.split("&m=")[0]!);
  const elsewhere = network.cli("send", "1", "--from", "alice");
  await other.goto(at(elsewhere));
  await other.getByRole("button", { name: "Find the link" }).click();
  await expect(other.locator("#link")).toContainText("was not sent from this page");
  await other.context().close();
});

test("by picture, lucky, with three judges of whom one is a contact; a wrong entry is said", async ({ browser }) => {
  const page = await by(browser, "carol", "zh-CN"), judge = network.cli("balance", "heidi").address;
  await page.goto(`${network.url}?do=contacts`);
  await page.getByLabel("名字").fill("老王");
  await page.getByLabel("地址").fill(judge.slice(0, -1));
  await page.getByRole("button", { name: "记下" }).click();
  await expect(page.getByRole("alert")).toContainText("地址不对");
  await page.getByLabel("地址").fill(judge);
  await page.getByRole("button", { name: "记下" }).click();
  await expect(page.locator(".keys")).toContainText(judge);
  await fill(page, "十块", "3");
  await page.getByText("陌生人红包").click();
  await page.getByLabel("给谁").fill("bob,dave, erin");
  for (const [i, name] of ["老王", "grace", "nobody"].entries()) await page.getByLabel(`第${i + 1}位评判人`).fill(name);
  const next = page.getByRole("button", { name: "下一步" });
  await next.click();
  await expect(page.getByRole("alert")).toContainText("金额请写成");
  await page.getByLabel("总共多少钱").fill("10元");
  await next.click();
  await expect(page.getByRole("alert")).toContainText("不知道“nobody”是谁");
  await page.getByLabel("第3位评判人").fill("judy");
  await next.click();
  await expect(page.getByRole("alert")).toContainText("不能平分");
  await page.getByRole("checkbox", { name: "拼手气" }).check();
  await next.click();
  await expect(page.getByRole("dialog")).toContainText("老王、grace、judy中任意两人");
  await page.getByRole("button", { name: "签字并发出" }).click();
  await expect(page.locator("#link textarea")).toHaveValue(/packet=rp1/);
  const packet = /packet=(rp1\w+)/.exec(await page.locator("#link textarea").inputValue())![1]!;
  expect(network.cli("show", packet)).toMatchObject({ scene: "stranger", split: "lucky", share_count: 3 });
  expect(network.cli("claim", packet, "--from", "dave").share).toBe(1);
  await page.context().close();
});

test("two tabs send at once, and the server dies under one: each packet is sent once", async ({ browser }) => {
  const page = await by(browser, "frank"), second = await page.context().newPage(), before = await nonceOf("frank");
  await as(second, "frank");
  const port = new URL(network.url).port;
  for (const [p, amount] of [[page, "1"], [second, "2"]] as const) {
    await fill(p, amount, "");
    await p.getByRole("button", { name: "Next" }).click();
    await expect(p.getByRole("dialog")).toBeVisible();
  }
  // The bytes reach the node, and the answer does not reach the page.
  const killed = new Promise<void>((done) => void page.route("**/api/txs", async (r) => {
    await r.fetch();
    await network.kill();
    await r.abort();
    done();
  }, { times: 1 }));
  await page.getByRole("button", { name: "Sign and send" }).click();
  await second.getByRole("button", { name: "Sign and send" }).click();
  await killed;
  await network.serve(port);
  for (const p of [page, second]) await expect(p.locator("#link textarea")).toHaveValue(/packet=rp1/, { timeout: 20_000 });
  expect(await nonceOf("frank")).toBe(before + 2);
  expect(await pending(page, await network.chain(), network.cli("balance", "frank").address)).toBeNull();
  await page.context().close();
});

test("the sender takes back what is unclaimed while the clock runs, and not after it", async ({ page }) => {
  const sent = network.cli("send", "88.80", "--shares", "8", "--scene", "friends", "--from", "alice");
  network.cli("claim", sent.link, "--from", "bob");
  await as(page, "alice");
  await page.goto(at(sent));
  await expect(page.locator(".recall .clock")).toHaveText(/^[12]:\d\d$/);
  await expect(page.locator(".recall h2")).toHaveText("You can take back the unclaimed ¥77.70");
  await page.locator(".recall").getByLabel("Reason").selectOption({ label: "wrong amount" });
  await page.locator(".take").click();
  await expect(page.locator(".timeline")).toContainText("taken back");
  await expect(page.locator("#verified")).toContainText("Verified in your browser");
  await expect(page.locator(".recall")).toHaveCount(0);
  expect(show(sent)).toMatchObject({ status: "recalled", shares: [{ state: "settled" }] });

  // The screen still has the clock when the time is over on the chain: the ledger refuses.
  const late = network.cli("send", "8", "--scene", "friends", "--from", "alice");
  await page.goto(at(late));
  await expect(page.locator(".take")).toBeVisible();
  await page.route("**/api/proof?**", (r) => r.abort());
  network.cli("testnet", "warp", "3m", "--dir", network.dir);
  await page.locator(".take").click();
  await expect(page.getByRole("alert")).toContainText("Too late for that.");
  await page.unroute("**/api/proof?**");
  await page.reload();
  await expect(page.locator("#actions")).toContainText("The time to take it back is over");
  await expect(page.locator(".take")).toHaveCount(0);
  expect(show(late).status).toBe("open");
});

test("two of three arbiters send a held share back, each in a browser of their own", async ({ browser }) => {
  const sent = network.cli("send", "200", "--scene", "stranger", "--to", "grace", "--with", "a=dave,b=erin,c=frank", "--from", "carol");
  network.cli("claim", sent.packet, "--from", "grace");
  const dave = await by(browser, "dave"), erin = await by(browser, "erin", "zh-CN");
  await dave.goto(at(sent));
  await expect(dave.locator(".together")).toContainText("any two of me, erin and frank");
  await dave.getByRole("button", { name: "I approve" }).click();
  await expect(dave.getByRole("dialog")).toContainText("Approve that ¥200.00 goes from grace back to carol, as fraud?");
  const saved = dave.waitForEvent("download");
  await dave.getByRole("button", { name: "Approve and sign" }).click();
  const file = await (await saved).path();
  await expect(dave.locator(".together")).toContainText("Signed and saved");
  await erin.goto(at(sent));
  await expect(erin.locator(".take")).toHaveCount(0); // one is not enough
  await erin.locator(".together input[type=file]").setInputFiles(file);
  await expect(erin.locator(".together")).toContainText("dave 已签字,理由:诈骗");
  await erin.locator(".take").click();
  await expect(erin.locator(".timeline")).toContainText("收回");
  expect(show(sent).shares[0].state).toBe("recalled");
  for (const p of [dave, erin]) await p.context().close();
});

test("a consent is the command line's, both ways, and one for other money is refused", async ({ browser }) => {
  const make = () => {
    const sent = network.cli("send", "90", "--scene", "enterprise", "--to", "bob", "--with", "finance=dave,hr=erin,audit=frank", "--from", "carol");
    return sent;
  };
  const sent = make(), other = make(), file = join(network.home, "erin.json"), wrong = join(network.home, "wrong.json");
  network.cli("consent", sent.packet, "--reason", "duplicate", "-o", file, "--from", "erin");
  network.cli("consent", other.packet, "--reason", "duplicate", "-o", wrong, "--from", "erin");
  const dave = await by(browser, "dave");
  await dave.goto(at(sent));
  await dave.locator(".together input[type=file]").setInputFiles(wrong);
  await expect(dave.locator(".together [role=alert]")).toContainText("about another packet");
  await dave.locator(".together input[type=file]").setInputFiles(file);
  await expect(dave.locator(".take")).toBeVisible();
  // What the page signs, the command line takes.
  await dave.goto(at(other));
  await dave.getByLabel("Reason").selectOption({ label: "wrong amount" });
  await dave.getByRole("button", { name: "I approve" }).click();
  const saved = dave.waitForEvent("download");
  await dave.getByRole("button", { name: "Approve and sign" }).click();
  const own = await (await saved).path();
  expect(network.cli("recall", other.packet, "--consent", own, "--from", "frank").reason).toBe("AM09");
  await dave.context().close();
});

test("a settled share is asked for; its claimer keeps it, or gives it back", async ({ browser }) => {
  const sent = network.cli("send", "19.98", "--shares", "3", "--public", "--from", "alice");
  for (const name of ["bob", "carol", "dave"]) network.cli("claim", sent.packet, "--from", name);
  const alice = await by(browser, "alice"), bob = await by(browser, "bob"), carol = await by(browser, "carol", "zh-CN"), dave = await by(browser, "dave");
  await alice.goto(at(sent));
  for (const name of ["bob", "carol"]) {
    await alice.locator("#asking summary").click();
    await alice.getByLabel("Reason").selectOption({ label: "wrong person" });
    await alice.getByRole("button", { name: `Ask ${name} for` }).click();
    await expect(alice.locator(".timeline")).toContainText(`asked ${name}`);
  }
  await bob.goto(at(sent));
  await expect(bob.locator("#question h2")).toContainText("alice asks you to give ¥6.66 back");
  await bob.getByRole("button", { name: "Keep it" }).click();
  await expect(bob.locator("#question")).toHaveCount(0);
  await carol.goto(at(sent));
  await carol.getByRole("button", { name: "退还", exact: true }).click();
  await carol.getByRole("dialog").getByRole("button", { name: "退还" }).click();
  await expect(carol.locator("#question")).toHaveCount(0);
  await dave.goto(at(sent)); // was not asked
  await dave.locator("#return").click();
  await dave.getByRole("dialog").getByRole("button", { name: "Keep it" }).click();
  expect(show(sent).shares.map((s: any) => [s.state, s.ask?.state])).toEqual([["settled", "refused"], ["returned", "accepted"], ["settled", undefined]]);
  await dave.locator("#return").click();
  await dave.getByRole("dialog").getByRole("button", { name: "Give it back" }).click();
  await expect.poll(() => show(sent).shares[2].state).toBe("returned");
  await expect(dave.locator("#return")).toHaveCount(0);
  for (const p of [alice, bob, carol, dave]) await p.context().close();
});

test("the sender leaves less time to take back, then none", async ({ page }) => {
  const sent = network.cli("send", "8.88", "--scene", "workgroup", "--from", "alice");
  await as(page, "alice");
  await page.goto(at(sent));
  await page.locator("#stricter summary").click();
  await page.getByRole("button", { name: "Leave only 1 hour" }).click();
  await expect(page.getByRole("dialog")).toContainText("Before:");
  await page.getByRole("button", { name: "Make them stricter" }).click();
  await expect(page.locator(".timeline")).toContainText("stricter");
  await expect(page.locator(".recall .clock")).toHaveText(/^(59:\d\d|1:00:00)$/);
  await page.locator("#stricter summary").click();
  await page.getByRole("button", { name: "Give up taking it back" }).click();
  await expect(page.getByRole("dialog")).toContainText("Nobody can take back what is unclaimed.");
  await page.getByRole("button", { name: "Make them stricter" }).click();
  await expect(page.locator("#stricter")).toHaveCount(0);
  await expect(page.locator(".terms")).toContainText("has given up taking anything back");
  expect(show(sent).tightened).toMatchObject([{ recall: ["rest when all(sender,within(1h))"] }, { recall: [], renounced: true }]);
});

for (const screen of screens) {
  const [width, height, colorScheme, locale] = screen;
  test(`acting: ${width} px, ${colorScheme}, ${locale}`, async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, locale });
    const page = await context.newPage();
    await as(page, "alice");
    await page.goto(`${network.url}?do=send`);
    await page.locator(".scenes summary").click();
    await page.locator("input[value=stranger]").check();
    await look(page, "act-send", screen);
    await page.locator("input[value=friends]").check();
    await page.locator("input.big").fill("88.8");
    await page.locator("button.main").click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await look(page, "act-review", screen);
    await page.getByRole("dialog").locator("button.main").click();
    await expect(page.locator(".qr")).toBeVisible();
    await look(page, "act-link", screen);
    await page.goto(`${network.url}?do=contacts`);
    await look(page, "act-contacts", screen);
    const own = network.cli("send", "88.80", "--shares", "8", "--scene", "workgroup", "--from", "alice");
    network.cli("claim", own.link, "--from", "bob");
    await page.goto(at(own));
    await expect(page.locator(".take")).toBeVisible();
    for (const id of ["#asking", "#stricter"]) await page.locator(`${id} summary`).click();
    await look(page, "act-sender", screen);
    await page.locator("#stricter button").last().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await look(page, "act-tighten", screen);
    const judged = network.cli("send", "200", "--scene", "stranger", "--to", "grace", "--with", "a=alice,b=erin,c=frank", "--from", "carol");
    network.cli("claim", judged.packet, "--from", "grace");
    await page.goto(at(judged));
    await page.locator(".together button").click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await look(page, "act-approve", screen);
    const asked = network.cli("send", "6.66", "--to", "alice", "--from", "bob");
    network.cli("claim", asked.packet, "--from", "alice");
    network.cli("ask", `${asked.packet}/1`, "--reason", "wrong-person", "--from", "bob");
    await page.goto(at(asked));
    await expect(page.locator("#question")).toBeVisible();
    await look(page, "act-asked", screen);
    await context.close();
  });
}
