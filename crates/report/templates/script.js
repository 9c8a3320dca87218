// Comfort only: everything on the page can be read without this. Data is moved and hidden, never turned into markup.
(() => {
  "use strict";
  const root = document.documentElement;
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const by = (id) => document.getElementById(id);
  const element = (name, properties) => Object.assign(document.createElement(name), properties);
  // Storage may be refused, as for a file that was opened from a mail.
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* the choice lasts for this page */ } };
  const recall = (key) => { try { return localStorage.getItem(key); } catch { return null; } };

  all("[data-needs-script]").forEach((part) => { part.hidden = false; });

  // Light and dark.
  const theme = by("theme");
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; };
  const chosen = recall("plimsoll-theme");
  if (chosen === "dark" || chosen === "light") root.dataset.theme = chosen;
  theme.hidden = false;
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    remember("plimsoll-theme", root.dataset.theme);
    label();
  });
  prefersDark.addEventListener("change", label);
  label();

  // Tabs of frameworks; one choice for all cards (WAI-ARIA Authoring Practices, tabs with automatic activation).
  const sets = [];
  const choose = (name) => {
    for (const tabs of sets) {
      if (!tabs.some((tab) => tab.name === name)) continue;
      for (const tab of tabs) {
        const on = tab.name === name;
        tab.button.setAttribute("aria-selected", String(on));
        tab.button.tabIndex = on ? 0 : -1;
        tab.panel.hidden = !on;
      }
    }
    remember("plimsoll-framework", name);
  };
  all(".tabs").forEach((box, number) => {
    const panels = all(":scope > section", box);
    if (panels.length < 2) return;
    const list = element("div", { className: "tablist" });
    list.setAttribute("role", "tablist");
    list.setAttribute("aria-label", "Framework");
    const tabs = panels.map((panel, index) => {
      const name = panel.dataset.tab;
      const button = element("button", { type: "button", id: `tab-${number}-${index}`, textContent: name });
      panel.id = `panel-${number}-${index}`;
      button.setAttribute("role", "tab");
      button.setAttribute("aria-controls", panel.id);
      panel.setAttribute("role", "tabpanel");
      panel.setAttribute("aria-labelledby", button.id);
      button.addEventListener("click", () => choose(name));
      list.append(button);
      return { name, button, panel };
    });
    list.addEventListener("keydown", (event) => {
      const at = tabs.findIndex((tab) => tab.button === document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      const next = tabs[(to + tabs.length) % tabs.length];
      choose(next.name);
      next.button.focus();
    });
    box.prepend(list);
    box.classList.add("live");
    sets.push(tabs);
  });
  if (sets.length > 0) {
    const known = sets[0].map((tab) => tab.name);
    const wanted = recall("plimsoll-framework");
    choose(known.includes(wanted) ? wanted : known[0]);
  }

  // Copying a command or a change.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = element("textarea", { value: text });
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  };
  all(".copy").forEach((box) => {
    const button = element("button", { type: "button", className: "quiet", textContent: "Copy" });
    button.setAttribute("aria-label", `Copy ${box.dataset.copy}`);
    button.addEventListener("click", async () => {
      button.textContent = (await copy(box.querySelector("code").textContent)) ? "Copied" : "Select it";
      button.focus();
      setTimeout(() => { button.textContent = "Copy"; }, 1600);
    });
    box.append(button);
    box.classList.add("able");
  });

  // Issues: filter, open all, and the card that an address names.
  const cards = all("#issues .card");
  const everyCard = all(".card");
  const issueText = by("issue-filter");
  const issueSeverity = by("issue-severity");
  const issueStage = by("issue-stage");
  const issueNew = by("issue-new");
  const words = (card) => card.textContent.toLowerCase();
  const texts = new Map();
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, words(card.querySelector("summary")) + words(card.querySelector(".refs")) + all(".lead, .message, .operations, .source, .trail", card).map(words).join(" "));
    return texts.get(card);
  };
  const filterIssues = () => {
    const text = issueText.value.trim().toLowerCase();
    let shown = 0;
    for (const card of cards) {
      const fits = (!issueSeverity.value || card.dataset.severity === issueSeverity.value)
        && (!issueStage?.value || card.dataset.stage === issueStage.value)
        && !(issueNew?.checked && card.dataset.since === "known") && (!text || textOf(card).includes(text));
      card.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    by("issue-count").textContent = shown === cards.length ? "" : `${shown} of ${cards.length}`;
  };
  issueText.addEventListener("input", filterIssues);
  [issueSeverity, issueStage, issueNew].forEach((choice) => choice?.addEventListener("change", filterIssues));
  const openAll = by("open-all");
  openAll.addEventListener("click", () => {
    const open = openAll.textContent === "Open all";
    cards.forEach((card) => { card.open = open; });
    openAll.textContent = open ? "Close all" : "Open all";
  });
  const reveal = () => {
    const card = everyCard.find((candidate) => `#${candidate.id}` === location.hash);
    if (!card) return;
    if (card.hidden) {
      issueText.value = "";
      issueSeverity.value = "";
      if (issueStage) issueStage.value = "";
      if (issueNew) issueNew.checked = false;
      filterIssues();
    }
    card.open = true;
    card.scrollIntoView();
    card.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Operations: filter and sort.
  const table = by("operation-table");
  const rows = all("tbody tr", table);
  const operationText = by("operation-filter");
  const operationIssues = by("operation-issues");
  const filterOperations = () => {
    const text = operationText.value.trim().toLowerCase();
    let shown = 0;
    for (const row of rows) {
      const plain = all("th, .statuses", row).map((cell) => cell.textContent).join(" ").toLowerCase();
      const fits = (!text || plain.includes(text)) && !(operationIssues.checked && "clean" in row.dataset);
      row.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    by("operation-count").textContent = shown === rows.length ? "" : `${shown} of ${rows.length}`;
  };
  operationText.addEventListener("input", filterOperations);
  operationIssues.addEventListener("change", filterOperations);
  all("thead th", table).forEach((head, column) => {
    if (!head.dataset.sort) return;
    const button = element("button", { type: "button", textContent: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const numeric = head.dataset.sort === "number";
      const before = head.getAttribute("aria-sort");
      // Numbers begin with the largest, because that is what one looks for.
      const ascending = before ? before === "descending" : !numeric;
      all("thead th", table).forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
      const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const compare = numeric ? (a, b) => Number(key(a)) - Number(key(b)) : (a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
      const sorted = rows.slice().sort((a, b) => (ascending ? compare(a, b) : compare(b, a)));
      table.tBodies[0].append(...sorted);
    });
  });

  // Paper shows everything, in browsers that cannot do it by style alone too.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = everyCard.filter((card) => !card.open);
    closed.forEach((card) => { card.open = true; });
  });
  addEventListener("afterprint", () => { closed.forEach((card) => { card.open = false; }); });
})();
