// Passkeys with Chromium's own authenticator: made, shown, relayed, replayed, copied, and the last way into an account.
import { createServer } from "node:http";
import { signIn, speak } from "./journey.mjs";
import { Watch } from "./watch.mjs";

const AUTHENTICATOR = {
  protocol: "ctap2",
  transport: "internal",
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
};
// One address has ten tries at once and another every six seconds.
const A_TRY_MS = 6_500;
const rest = () => new Promise((done) => setTimeout(done, A_TRY_MS));

export class Passkeys {
  #page;
  #origin;
  #operator;
  #wire;
  #watch;
  #authenticatorId;
  #problem;

  // Passkeys belong to a name, so the same coordinator is opened under one.
  static async start(browser, origin, operator, problem) {
    const passkeys = new Passkeys();
    passkeys.#origin = origin.replace("127.0.0.1", "localhost");
    passkeys.#operator = operator;
    passkeys.#problem = problem;
    const context = await browser.createBrowserContext();
    passkeys.#page = await context.newPage();
    passkeys.#watch = await Watch.start(passkeys.#page, passkeys.#origin);
    passkeys.#wire = await passkeys.#page.createCDPSession();
    await passkeys.#wire.send("WebAuthn.enable", { enableUI: false });
    const added = await passkeys.#wire.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
    passkeys.#authenticatorId = added.authenticatorId;
    return passkeys;
  }

  get page() {
    return this.#page;
  }

  problems() {
    // What is refused is an error for the browser; here it is what has to happen.
    return this.#watch.problems().filter((line) => !/status of (404|422)/.test(line));
  }

  async run(look) {
    await signIn(this.#page, this.#origin, this.#operator);
    await speak(this.#page, this.#origin, "en");
    await this.#make();
    await look("account-passkeys-here");
    await this.#signOut();
    const sent = await this.#logIn("a passkey alone");
    await this.#replayed(sent);
    await this.#relayed();
    await this.#unverified();
    await look("login-passkey");
    await rest();
    await this.#copied();
    await this.#alone();
    await this.#lastWayIn();
    await this.#atAnAddress();
  }

  #expect(what, holds) {
    if (!holds) this.#problem(`passkeys: ${what}`);
  }

  async #signOut() {
    const context = this.#page.browserContext();
    await context.deleteCookie(...(await context.cookies()));
  }

  async #goto(path) {
    await this.#page.goto(this.#origin + path, { waitUntil: "load" });
  }

  path() {
    return new URL(this.#page.url()).pathname;
  }

  async #words() {
    return this.#page.$eval("main", (main) => main.innerText);
  }

  // Fills a form of the page of passkeys, presses its button, and waits for the answer that comes after the authenticator's.
  async #order(order, fields = {}) {
    await this.#goto("/account/passkeys");
    const form = `main form:has(input[name="order"][value="${order}"])`;
    for (const [name, value] of Object.entries(fields)) await this.#page.locator(`${form} [name="${name}"]`).fill(value);
    await Promise.all([this.#page.waitForNavigation({ waitUntil: "load" }), this.#page.locator(`${form} button`).click()]);
    return this.#words();
  }

  async #make() {
    const words = await this.#order("add", { name: "this browser", password: this.#operator.password });
    this.#expect(`one that was made is not listed: ${words.slice(0, 200)}`, words.includes("this browser") && words.includes("never"));
  }

  // By the link of the login page; the authenticator answers at once. Gives back what the page has sent.
  async #logIn(what) {
    await this.#goto("/login");
    let sent = null;
    const listen = (request) => {
      if (request.method() === "POST") sent = request.postData();
    };
    this.#page.on("request", listen);
    await this.#page.locator('main a[href^="/login/passkey"]').click();
    await this.#page.waitForFunction(() => location.pathname === "/", { timeout: 10_000 }).catch(() => null);
    this.#page.off("request", listen);
    this.#expect(`${what} leads to ${this.path()}`, this.path() === "/");
    return sent;
  }

  // Sends a login as a page of ours would, and tells the code of the answer.
  async #send(body) {
    return this.#page.evaluate(async (body) => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      return (await fetch("/login/passkey", { method: "POST", headers, body, redirect: "manual" })).status;
    }, body);
  }

  async #replayed(sent) {
    const status = await this.#send(sent);
    this.#expect(`an answer that was used is answered ${status}`, status === 422);
  }

  // A page at another origin of the same name asks the passkey in our place, with a question of ours.
  async #relayed() {
    await this.#goto("/account");
    const [challenge] = await this.#page.evaluate(async () => {
      const page = new DOMParser().parseFromString(await (await fetch("/login/passkey")).text(), "text/html");
      return [page.querySelector("form[data-prove]").dataset.prove];
    });
    const server = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<h1>Elsewhere</h1>"));
    await new Promise((done) => server.listen(0, "127.0.0.1", done));
    const tab = await this.#page.browserContext().newPage();
    const wire = await tab.createCDPSession();
    await wire.send("WebAuthn.enable", { enableUI: false });
    const { authenticatorId } = await wire.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
    await wire.send("WebAuthn.addCredential", { authenticatorId, credential: await this.#credential() });
    await tab.goto(`http://localhost:${server.address().port}/`);
    const answer = await tab.evaluate(async (challenge) => {
      const octets = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
      const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      const publicKey = { challenge: octets(challenge), rpId: "localhost", userVerification: "required" };
      const shown = await navigator.credentials.get({ publicKey });
      const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
      const [client, authenticator, signed, user] = [clientDataJSON, authenticatorData, signature, userHandle].map(text);
      return JSON.stringify({ id: text(shown.rawId), client, authenticator, signature: signed, user });
    }, challenge);
    await tab.close();
    server.close();
    const status = await this.#send(new URLSearchParams({ answer }).toString());
    this.#expect(`an answer that another origin asked for is answered ${status}`, status === 422);
  }

  async #credential() {
    const { credentials } = await this.#wire.send("WebAuthn.getCredentials", { authenticatorId: this.#authenticatorId });
    return credentials[0];
  }

  // Puts the passkey back as it was when it had signed so often.
  async #count(signCount) {
    const authenticatorId = this.#authenticatorId;
    const credential = await this.#credential();
    await this.#wire.send("WebAuthn.removeCredential", { authenticatorId, credentialId: credential.credentialId });
    await this.#wire.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credential, signCount } });
  }

  async #unverified() {
    const authenticatorId = this.#authenticatorId;
    await this.#wire.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await this.#signOut();
    await this.#goto("/login/passkey");
    const said = await this.#page.waitForSelector("#passkey-said:not([hidden])", { timeout: 10_000 }).catch(() => null);
    const words = said && (await said.evaluate((place) => place.textContent));
    this.#expect(`nobody was verified, and the page says: ${words}`, words?.startsWith("No passkey was used"));
    await this.#wire.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
  }

  async #copied() {
    const { signCount } = await this.#credential();
    await this.#count(0);
    await this.#goto("/login/passkey");
    await this.#page.waitForSelector("main p.notice.bad:not([hidden])", { timeout: 10_000 }).catch(() => null);
    this.#expect("a passkey that counts back lets in", (await this.#words()).includes("This passkey opens no account here"));
    await this.#count(signCount + 100);
    await this.#logIn("a passkey that counts on");
    await this.#goto("/audit");
    this.#expect("the audit log does not tell of a copy", (await this.#words()).includes("user.passkey_copied"));
  }

  async #alone() {
    await rest();
    const words = await this.#order("alone");
    this.#expect("the page of an account without a password does not say so", words.includes("No password opens this account"));
    await this.#signOut();
    await rest();
    await this.#goto("/login");
    for (const name of ["name", "password"]) await this.#page.locator(`main form [name="${name}"]`).fill(this.#operator[name]);
    await Promise.all([this.#page.waitForNavigation({ waitUntil: "load" }), this.#page.locator("main form button").click()]);
    this.#expect("a password opens an account that has none", this.path() === "/login");
    await rest();
    await this.#logIn("a passkey of an account without a password");
  }

  async #lastWayIn() {
    await rest();
    const refused = await this.#order("remove");
    this.#expect(`the last way in was removed: ${refused.slice(0, 200)}`, refused.includes("It is the only way into the account"));
    await rest();
    await this.#order("password", { chosen: this.#operator.password });
    await rest();
    const gone = await this.#order("remove", { password: this.#operator.password });
    this.#expect(`a passkey was not removed: ${gone.slice(0, 200)}`, gone.includes("None yet"));
  }

  async #atAnAddress() {
    const tab = await this.#page.browserContext().newPage();
    await tab.goto(`${this.#origin.replace("localhost", "127.0.0.1")}/login`, { waitUntil: "load" });
    const offered = await tab.$('a[href^="/login/passkey"]');
    this.#expect("the login at an address offers passkeys", !offered);
    await tab.setJavaScriptEnabled(false);
    await tab.goto(`${this.#origin}/login/passkey`, { waitUntil: "load" });
    const words = await tab.$eval("main", (main) => main.innerText);
    this.#expect("without scripts the page does not lead to the password", words.includes("needs scripts") && words.includes("log in with a password"));
    await tab.close();
  }
}
