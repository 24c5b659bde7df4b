// Makes and shows passkeys where a form asks for it, and sends what came of it with the form.
// Without this file, or in a browser that knows no passkeys, the page says so and offers what works without.
(() => {
  "use strict";

  // A question is good for ten minutes: an older page asks anew.
  const STALE_MS = 540_000;
  const WORDS = new Map([
    ["NotAllowedError", "cancelled"],
    ["AbortError", "cancelled"],
    ["InvalidStateError", "twice"],
    ["SecurityError", "elsewhere"],
  ]);
  const loaded = Date.now();

  const octets = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) => {
    const letters = Array.from(new Uint8Array(buffer), (octet) => String.fromCharCode(octet)).join("");
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const known = (form) => form.dataset.known.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: octets(id) }));

  async function show(form) {
    const shown = await navigator.credentials.get({
      publicKey: {
        challenge: octets(form.dataset.prove),
        rpId: form.dataset.site,
        allowCredentials: known(form),
        userVerification: "required",
      },
    });
    const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
    form.elements.answer.value = JSON.stringify({
      id: text(shown.rawId),
      client: text(clientDataJSON),
      authenticator: text(authenticatorData),
      signature: text(signature),
      user: userHandle ? text(userHandle) : (form.dataset.user ?? ""),
    });
  }

  async function make(form) {
    const { site, account, challenge, user } = form.dataset;
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: octets(challenge),
        rp: { id: site, name: `Palisade ${site}` },
        user: { id: octets(user), name: account, displayName: account },
        pubKeyCredParams: [-7, -8].map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: known(form),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
      },
    });
    form.elements.made.value = JSON.stringify({
      client: text(made.response.clientDataJSON),
      authenticator: text(made.response.getAuthenticatorData()),
    });
  }

  // The words are attributes of the page, in the page's language.
  function say(error) {
    const place = document.getElementById("passkey-said");
    place.textContent = place.getAttribute(`data-${WORDS.get(error.name) ?? "failed"}`);
    place.hidden = false;
  }

  let busy = false;
  async function ask(form) {
    if (busy) return;
    if (Date.now() - loaded > STALE_MS) return location.reload();
    busy = true;
    document.getElementById("passkey-said").hidden = true;
    try {
      if (form.dataset.passkey !== "make") await show(form);
      if (form.dataset.passkey !== "show") await make(form);
      form.submit();
    } catch (error) {
      say(error);
    } finally {
      busy = false;
    }
  }

  if (!window.PublicKeyCredential) return;
  for (const without of document.querySelectorAll("[data-without-passkeys]")) without.hidden = true;
  for (const place of document.querySelectorAll("[data-with-passkeys]")) place.hidden = false;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask(form);
    });
    if (form.hasAttribute("data-at-once")) ask(form);
  }
})();
