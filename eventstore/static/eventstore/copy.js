// "Copy as JSON": the button shows itself where the browser lets pages write to the clipboard.
for (const place of document.querySelectorAll("[data-copy]")) {
  const button = place.querySelector("button");
  const status = place.querySelector("[role=status]");
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    status.textContent = "";
    try {
      await navigator.clipboard.writeText(place.querySelector("template").content.textContent);
      status.textContent = place.dataset.copied;
    } catch {
      status.textContent = place.dataset.refused;
    }
  });
}
