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
