package e2e

import "testing"

func TestAdminPage(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	for _, lang := range []string{"en", "zh"} {
		for _, dark := range []bool{false, true} {
			p.view(390, 844, dark)
			p.open(w.url + "/language?to=" + lang + "&back=/admin")
			p.open(w.url + "/admin")
			p.wait("the main bench is listed", `document.querySelector(".operate tbody code").textContent === "main"`)
			p.noWiderThan(390)
			p.checkAccessibility("admin in " + lang)
		}
	}
}

func TestHelpPages(t *testing.T) {
	w := startWorkbench(t)
	p := openBrowser(t)
	for i, part := range []string{"", "/labs", "/class", "/data", "/api", "/commands"} {
		p.view(390, 844, i%2 == 1)
		p.open(w.url + "/help" + part + "?lang=" + []string{"en", "zh"}[i%2])
		p.wait("the part is marked", `document.querySelector(".reference-parts [aria-current]")?.getAttribute("href") === "/help`+part+`"`)
		p.noWiderThan(390)
		p.checkAccessibility("help" + part)
	}
	p.open(w.url + "/help/commands")
	p.wait("each command is there, with its flags", `[...document.querySelectorAll(".command")].length >= 8 && /-durability/.test(document.querySelector("#serve pre").textContent)`)
	p.open(w.url + "/help/api")
	p.wait("each call says what it does", `[...document.querySelectorAll(".call")].length > 40 && [...document.querySelectorAll(".call .go-doc")].every(d => d.textContent.trim().length > 10)`)
}
