// Runs before the first paint, so that neither the theme nor the parts that
// need JavaScript flicker.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    if (localStorage.getItem("type") === "large") root.dataset.type = "large";
  } catch {
    // Storage may be forbidden; the theme is then the system's.
  }
})();
