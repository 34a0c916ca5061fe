package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// asWhole compares the draft on the page with the answer that a page gets that
// holds nothing yet; what the page itself adds is set aside.
const asWhole = `(async () => {
	await document.querySelector("packet-builder").settled;
	const plain = (draft) => {
		const copy = draft.cloneNode(true);
		for (const e of copy.querySelectorAll("*")) {
			for (const name of ["tabindex", "disabled", "open", "aria-selected", "aria-pressed"]) e.removeAttribute(name);
			for (const c of ["is-lit", "is-held", "is-shown", "is-selected", "is-insert", "is-half"]) e.classList.remove(c);
			if (e.getAttribute("class") === "") e.removeAttribute("class");
			if (e.matches(".hex-where, [data-lazy]")) e.replaceChildren();
			for (const {name, value} of [...e.attributes].sort((a, b) => a.name < b.name ? -1 : 1)) {
				e.removeAttribute(name);
				e.setAttribute(name, value);
			}
		}
		return copy.innerHTML;
	};
	const view = document.createElement("div");
	view.innerHTML = await (await asked("/ui/draft", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({...lastAsked, held: ""})})).text();
	const [here, there] = [document.querySelector("#packet-slot .draft"), view.querySelector(".draft")].map(plain);
	if (here === there) return "";
	let i = 0;
	while (here[i] === there[i]) i++;
	return here.slice(Math.max(0, i - 80), i + 120) + "\n  as a whole: " + there.slice(Math.max(0, i - 80), i + 120);
})()`

// remember keeps what the page asks of the server.
const remember = `(() => {
	window.asked = window.fetch;
	window.lastAsked = {form: {type: "CONNECT", version: "3.1.1", client_id: "labA", clean_session: true, keep_alive: 60}};
	window.fetch = (path, init) => {
		if (path === "/ui/draft") window.lastAsked = JSON.parse(init.body);
		return window.asked.call(window, path, init);
	};
	return true;
})()`

// The draft, of which a key changes a few parts, is after each change the same
// as if all of it had been drawn anew.
func TestDraftInParts(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/")
	p.wait("the builder is there", `document.querySelector("packet-builder")?.settled`)
	eval[bool](p, remember)
	check := func(what string) {
		t.Helper()
		got, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](asWhole, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		if got != "" {
			t.Errorf("%s: %s", what, got)
		}
	}
	check("as it came")
	p.choose("#b-type", "PUBLISH")
	p.waitText(draft, "PUBLISH")
	check("another type")
	p.do(chromedp.Focus(control("PUBLISH", "topic")), chromedp.KeyEvent(kb.End))
	drafts := `performance.getEntriesByType("resource").filter(e => e.name.endsWith("/ui/draft")).map(e => e.decodedBodySize)`
	before := len(eval[[]int](p, drafts))
	for i := range "/indoors" {
		p.do(chromedp.KeyEvent("/indoors"[i : i+1]))
		p.waitText(draft+" .packet-summary", "/indoors"[:i+1])
		check("a letter more")
	}
	parts, wholes := 0, 0
	for i, size := range eval[[]int](p, drafts)[before:] {
		if i%2 == 0 {
			parts += size
		} else {
			wholes += size
		}
	}
	if parts*5 > wholes*3 {
		t.Errorf("in parts the answers take %d bytes, as a whole %d", parts, wholes)
	}
	for _, version := range []string{"5.0", "3.1.1", "3.1"} {
		p.choose("#b-version", version)
		p.wait("the version", fmt.Sprintf(`document.querySelector("#packet-slot .draft").dataset.version === "%s"`, version))
		check("version " + version)
	}
	p.choose("#b-version", "5.0")
	for _, kind := range []string{"CONNECT", "SUBSCRIBE", "PUBACK", "PINGREQ", "DISCONNECT", "PUBLISH"} {
		p.choose("#b-type", kind)
		p.waitText(draft, kind)
		check(kind)
	}
	for _, property := range []string{"topic_alias", "user_property", "user_property", "content_type"} {
		p.choose(`fieldset[data-type="PUBLISH"] [data-property-add]`, property)
		check("property " + property)
	}
	p.click(`fieldset[data-type="PUBLISH"] [data-property="topic_alias"] [data-property-remove]`)
	check("a property less")

	// In the bytes: more, fewer, several packets, none.
	p.click(slot + ` .x[data-i="0"]`)
	for _, keys := range []string{"c", "000", kb.Delete + kb.Delete, "ff"} {
		p.do(chromedp.KeyEvent(keys))
		check("bytes " + keys)
	}
	eval[bool](p, `(document.querySelector("packet-builder").openBytes("c000e000"), true)`)
	check("two packets")
	eval[bool](p, `(document.querySelector("packet-builder").openBytes("`+strings.Repeat("00", 40)+`"), true)`)
	check("bytes that are none")
	for range 4 {
		eval[bool](p, `(document.querySelector("packet-builder").undo(), true)`)
		check("undone")
	}

	p.choose("#b-type", "PUBLISH")
	p.waitText(draft, "PUBLISH")
	check("a form again")

	// A page in which something is missing asks for all of it.
	eval[bool](p, `(document.querySelector("#packet-slot .hex-row").remove(), document.querySelector("packet-builder").changed(), true)`)
	check("after a row was gone")
	if n := eval[int](p, `document.querySelectorAll("#packet-slot .hex-row").length`); n == 0 {
		t.Error("the row stays away")
	}

	// While a captured packet is in its place, too.
	eval[bool](p, `(document.querySelector("packet-builder").build("CONNECT", {client_id: "parts"}), true)`)
	check("a CONNECT")
	p.click("[data-send]")
	n := p.event("the CONNECT", `e.type === "CONNECT"`)
	p.click(p.row(n))
	p.waitText(slot+" .fact-origin", "No.")
	p.click(`[data-show-packet="draft"]`)
	p.waitText(slot+" .fact-origin", "Draft")
	check("back from a captured packet")
	p.click(p.row(n))
	p.waitText(slot+" .fact-origin", "No.")
	p.typeInto(control("CONNECT", "client_id"), "parts2")
	p.waitText(draft+" .packet-summary", "parts2")
	check("a letter after it")
}
