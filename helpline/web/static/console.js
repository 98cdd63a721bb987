// Brings an open queue up to date when the server says that something changed, and keeps a claim
// while its officer types. Without it every page works by its forms and links.
const queue = document.getElementById("queue");
const RENEW = 45000; // milliseconds between two signs that somebody types

if (queue && "EventSource" in window) {
  const stream = new EventSource(queue.dataset.live);
  stream.addEventListener("changed", () => htmx.trigger("#queue", "changed"));
  stream.addEventListener("over", () => { stream.close(); location.reload(); });
  // Refused for good (too many pages, a restart, a login that ended): the page is asked for anew.
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 30000);
  });
  addEventListener("pagehide", () => stream.close());
}

addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

let renewed = Date.now();
document.addEventListener("input", (event) => {
  const path = event.target.dataset?.renew;
  const form = event.target.form;
  if (!path || !form.elements.fence || Date.now() - renewed < RENEW) return;
  renewed = Date.now();
  const body = new URLSearchParams({ token: form.elements.token.value, fence: form.elements.fence.value });
  fetch(path, { method: "POST", body, credentials: "same-origin" }).catch(() => {});
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; } // a double tap is one
  form.dataset.sent = "1";
  setTimeout(() => { delete form.dataset.sent; }, 4000);
});
