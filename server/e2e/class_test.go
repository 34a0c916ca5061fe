package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// startClass starts the program with a class and returns the link of its
// teacher and the code of its students.
func startClass(t *testing.T, flags ...string) (w workbench, link, code string) {
	t.Helper()
	w = startWorkbench(t, append([]string{"-class", "-class-data", ":memory:"}, append(flags, "-class=9b")...)...)
	for (link == "" || code == "") && w.more.Scan() {
		name, value, _ := strings.Cut(w.more.Text(), ":")
		switch value = strings.TrimSpace(value); name {
		case "Class":
			_, code, _ = strings.Cut(value, "code ")
		case "Board":
			link, _, _ = strings.Cut(value, " ")
		}
	}
	if link == "" || code == "" {
		t.Fatal("the program does not say where the class is")
	}
	return w, link, code
}

// joins joins the class as a student does who reads the code from the board.
func (p *page) joins(w workbench, code, nickname string) {
	p.t.Helper()
	p.open(w.url + "/class")
	p.typeInto("#class-code", strings.ToLower(code))
	p.click(".class-form button")
	p.waitText("h1", "Join the class “9b”")
	p.typeInto("#class-nickname", nickname)
	p.click(".class-form button")
	p.waitText("h1", "9b")
	p.waitText(".class-personal", "Note it down")
}

// boardRow is the text of a student's row on the board.
func boardRow(nickname string) string {
	return fmt.Sprintf(`[...document.querySelectorAll(".board-table tbody tr")].find(r => r.querySelector("th bdi").textContent === %s)`, quote(nickname))
}

// everywhere looks at a page in the sizes and colours that people have.
func (p *page) everywhere(state, picture string) {
	p.t.Helper()
	p.checkAccessibility(state)
	p.picture(picture + "-light")
	p.view(390, 844, true)
	p.noWiderThan(390)
	p.checkAccessibility(state + ", on a phone, dark")
	p.picture(picture + "-phone")
	p.view(1440, 900, true)
	p.checkAccessibility(state + ", dark")
	p.picture(picture + "-dark")
	p.view(1440, 900, false)
}

// TestClass is a lesson: a teacher and two students, each with a browser.
func TestClass(t *testing.T) {
	w, link, code := startClass(t)
	teacher := openBrowser(t)
	ada := openBrowser(t, "409")
	bob := openBrowser(t, "422", "404", "409")
	for _, p := range []*page{teacher, ada, bob} {
		p.view(1440, 900, false)
	}
	began := time.Now()
	teacher.open(link)
	teacher.waitText(".board-code", code)
	teacher.waitText(`[data-board="nobody"]`, "Nobody has joined yet")
	if at := eval[string](teacher, `location.pathname + location.search`); strings.Contains(at, "once") {
		t.Errorf("the link stays in the address: %s", at)
	}
	teacher.everywhere("a board without students", "board-empty")

	ada.open(w.url + "/class")
	ada.everywhere("the way in", "class-code")
	ada.joins(w, code, "Ada")
	ada.everywhere("a student's page", "class-student")
	bob.joins(w, code, "Bob <b>")
	bob.open(w.url + "/join/" + strings.ReplaceAll(code, " ", ""))
	bob.typeInto("#class-nickname", "Ada")
	bob.click(".class-form button")
	bob.waitText(".class-problem", "has this nickname")
	bob.everywhere("a form with a mistake", "class-join")
	teacher.wait("both are there", boardRow("Ada")+" && "+boardRow("Bob <b>"))

	// A step turns green while the teacher looks on.
	begin := func(p *page) {
		p.open(w.url + "/labs/first-connect")
		p.click(`form[action="/labs/first-connect"] button`)
		p.now("open")
		p.waitText(".live-state", "live")
		p.click(`.client [data-act="open"]`)
		p.now("build")
	}
	begin(ada)
	teacher.wait("Ada's step is green", boardRow("Ada")+`.querySelector('[data-lab="first-connect"]').dataset.state === "some"`)
	t.Logf("from the teacher's link to a green step: %s", time.Since(began).Round(time.Second))
	begin(bob)

	// The same mistake, made twice, is one mistake of two.
	for _, p := range []*page{ada, bob} {
		p.typeInto(control("CONNECT", "client_id"), "ab")
		p.waitDraft("10 0e 00 04 4d 51 54 54 04 02 00 3c 00 02 61 62")
		p.click(`[data-lab="build"]`)
	}
	teacher.waitText(".board-clusters", "2 students")
	teacher.waitText(".board-clusters", "byte 2 is 0x0e instead of 0x0f")
	teacher.wait("Bob's try counts", boardRow("Bob <b>")+`.children[3].textContent === "1"`)
	teacher.everywhere("a board", "board")
	teacher.click(`[data-act="present"]`)
	teacher.click(`[data-board="hide"]`)
	teacher.wait("nicknames are hidden", `!document.body.innerText.includes("Ada")`)
	teacher.everywhere("a board for the projector", "board-presented")
	teacher.click(`[data-board="hide"]`)
	teacher.click(`[data-act="present"]`)

	// What the teacher shows comes to everybody.
	teacher.typeInto("#push-packet", "c0 00")
	teacher.click(`[data-push="packet"] button`)
	for _, p := range []*page{ada, bob} {
		p.waitDraft("c0 00")
	}
	teacher.typeInto("#push-text", "Ten minutes <left>")
	teacher.click(`[data-push="text"] button`)
	ada.waitText(".class-notice", "Ten minutes <left>")
	ada.everywhere("a bench with a word of the teacher", "class-notice")
	ada.click(".class-notice button")
	teacher.click(`[data-push="lab"] button`)
	bob.waitText(".class-notice", "asks you to do a lab")
	bob.waitText(".class-notice", "Your first CONNECT, byte by byte")

	// Paused, nobody does anything; then all goes on.
	teacher.click(`[data-act="pause"]`)
	ada.waitText(".class-paused", "paused the class")
	ada.wait("the page lies still", `document.querySelector("main").inert`)
	ada.checkAccessibility("a paused bench")
	eval[bool](ada, `(fetch("/api/benches/" + document.querySelector("bench-page").dataset.bench + "/clients", {method: "POST"}).then(r => window.refused = r.status), true)`)
	ada.wait("a call is refused", `window.refused === 409`)
	teacher.click(`[data-act="pause"]`)
	ada.wait("the page goes on", `!document.querySelector("main").inert`)

	// Over the shoulder: everything is seen, nothing can be changed.
	board := eval[string](teacher, `location.href`)
	teacher.open(eval[string](teacher, boardRow("Ada")+`.querySelector("a").href`))
	teacher.waitText(".looking", "Ada")
	teacher.waitText(".live-state", "live")
	teacher.wait("it is Ada's lab", `document.querySelector('.lab-step[data-now]')?.dataset.step === "build"`)
	teacher.wait("the controls are still", `document.querySelector(".bench-left").inert`)
	teacher.everywhere("over a shoulder", "class-looking")
	teacher.open(board)

	// Removed, Bob is out; closed, the class is gone.
	teacher.wait("the row is there", boardRow("Bob <b>"))
	teacher.answers()
	eval[bool](teacher, boardRow("Bob <b>")+`.querySelector("button").click() ?? true`)
	bob.waitText(".note", "You are no longer in this class")
	teacher.wait("the row is gone", "!"+boardRow("Bob <b>"))
	teacher.click(`[data-act="delete"]`)
	ada.waitText(".note", "The class has ended")
	teacher.wait("there is no board", `location.pathname === "/class"`)
}

// answers answers yes to what the page asks.
func (p *page) answers() {
	p.t.Helper()
	eval[bool](p, `(window.confirm = () => true, true)`)
}
