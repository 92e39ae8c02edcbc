"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = document.body, items = [...document.querySelectorAll(".item")];
  if (!items.length) return;
  const ids = items.map((item) => item.dataset.item);
  const key = `halueval-labels ${body.dataset.run} ${body.dataset.sheet}`;
  const words = { supported: "supported", refuted: "refuted", not_enough_info: "can’t tell" };
  const byKey = { 1: "supported", 2: "refuted", 3: "not_enough_info" };
  const choices = [...document.querySelectorAll("[data-label]")];
  // labels and comments by id; what was before each change, newest last
  let state = { labels: {}, comments: {}, rater: "", at: 0 }, past = [], kept = true, unsaved = false;

  const text = (value) => (typeof value === "string" ? value : "");
  try {
    const old = JSON.parse(localStorage.getItem(key) || "null");
    if (old && typeof old === "object") {
      for (const id of ids) {
        const label = old.labels && old.labels[id], comment = old.comments && old.comments[id];
        if (Object.hasOwn(words, text(label))) state.labels[id] = label;
        if (text(comment)) state.comments[id] = comment;
      }
      state.rater = text(old.rater);
      if (Number.isInteger(old.at) && old.at >= 0 && old.at < ids.length) state.at = old.at;
    }
  } catch { kept = false; }

  const keep = () => {
    unsaved = true;
    try { localStorage.setItem(key, JSON.stringify(state)); } catch { kept = false; }
  };
  const done = () => ids.filter((id) => state.labels[id]).length;
  const say = (words) => {
    $("status").textContent = words + (kept ? "" : " This browser keeps nothing: save a file before you close the page.");
  };

  const draw = (focus) => {
    const id = ids[state.at], label = state.labels[id];
    items.forEach((item, i) => {
      item.classList.toggle("now", i === state.at);
      const given = state.labels[ids[i]];
      item.querySelector(".state").textContent = given ? `, labelled ${words[given]}` : "";
    });
    choices.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.label === label)));
    $("comment").value = state.comments[id] || "";
    $("rater").value = state.rater;
    $("done").textContent = String(done());
    $("progress").value = done();
    $("undo").disabled = !past.length;
    $("back").disabled = state.at === 0;
    $("forth").disabled = state.at === ids.length - 1;
    if (focus) {
      window.scrollTo(0, 0);
      items[state.at].querySelector("h2").focus({ preventScroll: true });
    }
  };
  const go = (place, words) => {
    state.at = Math.max(0, Math.min(ids.length - 1, place));
    keep();
    draw(true);
    say(words || "");
  };
  const nextOpen = () => {
    for (let step = 1; step <= ids.length; step++) {
      const place = (state.at + step) % ids.length;
      if (!state.labels[ids[place]]) return place;
    }
    return -1;
  };
  const give = (label) => {
    const id = ids[state.at], place = state.at;
    past.push({ place, before: state.labels[id] });
    state.labels[id] = label;
    const open = nextOpen(), said = `Claim ${place + 1}: ${words[label]}.`;
    if (open < 0) go(place, `${said} All ${ids.length} claims are labelled: save the file.`);
    else go(open, said);
  };
  const undo = () => {
    const last = past.pop();
    if (!last) return say("There is nothing to undo.");
    const id = ids[last.place];
    if (last.before) state.labels[id] = last.before; else delete state.labels[id];
    go(last.place, `Claim ${last.place + 1}: ${last.before ? words[last.before] + " again" : "label taken back"}.`);
  };

  const rows = () => items.map((item) => ({
    item: item.dataset.item,
    claim: item.querySelector(".claimtext").textContent,
    label: state.labels[item.dataset.item] || "",
    comment: state.comments[item.dataset.item] || "",
    rater: state.rater,
    run: body.dataset.run,
  }));
  const names = ["item", "claim", "label", "comment", "rater", "run"];
  // as halueval writes it: nothing that a spreadsheet takes for a formula
  const guarded = (cell) => (/^(?:[\s']*[=+\-@\uff1d\uff0b\uff0d\uff20]|'*[\t\r\n])/.test(cell) ? `'${cell}` : cell);
  const quoted = (cell) => `"${guarded(cell).replaceAll('"', '""')}"`;
  const forms = {
    csv: () => "\ufeff" + [names, ...rows().map((row) => names.map((name) => row[name]))].map((row) => row.map(quoted).join(",") + "\r\n").join(""),
    jsonl: () => rows().map((row) => JSON.stringify(row) + "\n").join(""),
  };
  const save = (form) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([forms[form]()], { type: form === "csv" ? "text/csv" : "application/json" }));
    const who = state.rater.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "").slice(0, 20);
    link.download = `labels${who ? "-" + who : ""}-${body.dataset.sheet}.${form}`;
    body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    unsaved = false;
    say(`Saved ${link.download} with ${done()} of ${ids.length} labels.`);
  };

  choices.forEach((button) => button.addEventListener("click", () => give(button.dataset.label)));
  $("back").addEventListener("click", () => go(state.at - 1));
  $("forth").addEventListener("click", () => go(state.at + 1));
  $("undo").addEventListener("click", undo);
  $("csv").addEventListener("click", () => save("csv"));
  $("jsonl").addEventListener("click", () => save("jsonl"));
  $("comment").addEventListener("input", (event) => {
    const id = ids[state.at];
    if (event.target.value) state.comments[id] = event.target.value; else delete state.comments[id];
    keep();
  });
  $("rater").addEventListener("input", (event) => { state.rater = event.target.value; keep(); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.target.matches("input[type=text]")) {
      if (event.key === "Escape" || event.key === "Enter") draw(true);
      return;
    }
    if (!$("keys").checked) return;
    const act = {
      ArrowLeft: () => go(state.at - 1),
      ArrowRight: () => go(state.at + 1),
      u: undo,
      n: () => (nextOpen() < 0 ? say("All claims are labelled.") : go(nextOpen())),
      c: () => $("comment").focus(),
    };
    const label = Object.hasOwn(byKey, event.key) && !event.repeat && byKey[event.key];
    const found = Object.hasOwn(act, event.key) ? act[event.key] : null;
    if (!label && !found) return;
    event.preventDefault();
    if (label) give(label); else found();
  });
  window.addEventListener("beforeunload", (event) => { if (unsaved && !kept) event.preventDefault(); });

  body.classList.add("live");
  $("labels").hidden = false;
  draw(false);
  say(done() ? `Going on where you were: ${done()} of ${ids.length} labelled.` : "");
})();
