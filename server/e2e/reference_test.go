package e2e

import "testing"

func TestReference(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/reference")
	p.checkAccessibility("reference, packets")
	p.typeInto("#reference-q", "keep alive")
	p.wait("the filter hides the rest", `document.querySelectorAll(".entry:not([hidden])").length < 15 && !document.querySelector("#PINGREQ").hidden`)
	p.typeInto("#reference-q", "zzz")
	p.waitText(".reference-nothing", "Nothing here")

	// A finding's rule links here.
	p.open(w.url + "/decode?hex=100c00044d5154540403000000&version=3.1.1")
	p.click(".findings details summary")
	p.click(`.findings details a[href^="/reference"]`)
	p.wait("the rule is in sight", `location.hash === "#MQTT-3.1.2-3" && document.querySelector(":target").getBoundingClientRect().top < innerHeight`)
	p.checkAccessibility("reference, rules")
	p.picture("reference")

	// An example opens byte by byte.
	p.open(w.url + "/reference")
	p.click("#SUBSCRIBE a[href^='/decode']")
	p.waitText(".decode-result", "Topic Filter")
	for _, part := range []string{"", "/properties", "/codes", "/rules-3.1", "/glossary"} {
		p.view(390, 844, true)
		p.open(w.url + "/reference" + part)
		p.noWiderThan(390)
		p.checkAccessibility("reference" + part + " on a phone, dark")
	}
}

func TestChinese(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	p.view(1440, 900, false)
	p.open(w.url + "/decode?hex=c000")
	p.click(`.languages [lang="zh"]`)
	p.waitText(".decode-result", "字段，按传输顺序")
	if query := eval[string](p, `location.search`); query != "?hex=c000" {
		t.Errorf("the page after the switch has the query %q", query)
	}
	p.checkAccessibility("decode in Chinese")
	p.open(w.url + "/")
	p.waitText(".bar", "工作台")
	p.click("[data-send]")
	p.wait("a note in Chinese", `/[\u4e00-\u9fff]/.test(document.querySelector(".row-note")?.textContent ?? "")`)
	p.picture("bench-chinese")
	p.click(`.languages [lang="en"]`)
	p.waitText(".bar", "Reference")
}
