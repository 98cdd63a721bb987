// Leaves for the dull page at once, by its link or by the Escape key twice, and takes this page's
// place in the browser's history. Without JavaScript the link still works.
const WITHIN = 2000; // milliseconds between the two presses
const link = document.querySelector("a.leave");
let pressed = -WITHIN;

const leave = () => {
  document.body.hidden = true; // the network may be slow
  location.replace(link.href);
};

link.addEventListener("click", (event) => {
  event.preventDefault();
  leave();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat) return;
  if (event.timeStamp - pressed < WITHIN) leave();
  pressed = event.timeStamp;
});
