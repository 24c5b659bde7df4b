// Keeps the live state in the top bar true, lets people pause it, and copies the join line.
// Every page works without this file; the few words it shows are attributes of the page, in the page's language.
(() => {
  "use strict";

  const RETRY_MS = 5000;
  const box = document.getElementById("live");
  const word = document.getElementById("live-word");
  const button = document.getElementById("live-pause");
  let paused = false;
  let connection = null;

  const stream = () => document.querySelector("[hx-sse\\:connect]");

  function show(state) {
    if (!box) return;
    const shown = paused ? "paused" : state;
    box.dataset.state = shown;
    word.textContent = box.getAttribute(`data-${shown}`);
  }

  function pause() {
    paused = !paused;
    button.textContent = paused ? box.dataset.resume : box.dataset.pause;
    button.setAttribute("aria-pressed", String(paused));
    if (paused) connection?.reader?.cancel();
    show("connecting");
    if (!paused && stream()) htmx.trigger(stream(), "resume");
  }

  function retryLater(event) {
    if (!stream() || event.target !== stream()) return;
    show("reconnecting");
    setTimeout(() => !paused && stream() && htmx.trigger(stream(), "resume"), RETRY_MS);
  }

  // A cancelled connection ends the stream; "resume" starts a new one, which begins with the full state.
  document.addEventListener("htmx:sse:before:connection", (event) => {
    if (paused) event.preventDefault();
    else if (event.detail.connection.attempt > 0) show("reconnecting");
  });
  document.addEventListener("htmx:sse:after:connection", (event) => {
    connection = event.detail.connection;
    show("live");
  });
  document.addEventListener("htmx:sse:before:message", (event) => {
    if (!paused) return;
    event.preventDefault();
    event.detail.connection.reader?.cancel();
  });
  document.addEventListener("htmx:sse:error", () => show("reconnecting"));
  // The extension retries a stream that broke, but not one that never began.
  document.addEventListener("htmx:error", retryLater);
  document.addEventListener("htmx:response:error", retryLater);
  document.addEventListener("signed-out", () => setTimeout(() => show("signed-out")));

  if (box) {
    box.hidden = false;
    button.addEventListener("click", pause);
  }

  for (const copy of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    const before = copy.textContent;
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      const text = document.getElementById(copy.dataset.copy).textContent.trim();
      await navigator.clipboard.writeText(text);
      copy.textContent = copy.dataset.copied;
      setTimeout(() => (copy.textContent = before), 2000);
    });
  }

  const closeMenus = (except) => {
    for (const menu of document.querySelectorAll("details.user[open]")) {
      if (!menu.contains(except)) menu.open = false;
    }
  };
  document.addEventListener("click", (event) => closeMenus(event.target));
  document.addEventListener("keydown", (event) => event.key === "Escape" && closeMenus(null));
})();
