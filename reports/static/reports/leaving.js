"use strict";
/* Whoever signs out leaves nothing of what they scanned (scan.js) on a device that others use, too. */
document.addEventListener("submit", (event) => {
  if (event.target.id !== "logout-form") return;
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith("scan-mine-")) localStorage.removeItem(name);
  } catch { /* a private window forgets by itself */ }
});
