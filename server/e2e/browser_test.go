package e2e

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// update makes the tests write the pictures of testdata/pictures anew.
var update = flag.Bool("update", false, "write the pictures in testdata/pictures anew")

// picture takes a picture: into testdata/pictures with -update, if README.md or
// README.zh.md shows it, else into a folder of the test's own.
func (p *page) picture(name string) {
	p.t.Helper()
	dir := p.t.TempDir()
	for _, readme := range []string{"README.md", "README.zh.md"} {
		if text, err := os.ReadFile(filepath.Join("..", "..", readme)); err != nil {
			p.t.Fatal(err)
		} else if *update && strings.Contains(string(text), name+".png") {
			dir = filepath.Join("..", "..", "testdata", "pictures")
		}
	}
	p.screenshot(filepath.Join(dir, name+".png"))
}

// failure is where the page is pictured when a wait was in vain.
var failure = filepath.Join(os.TempDir(), "mqttlab-e2e-failure.png")

// page is a tab of a real Chromium.
type page struct {
	t   testing.TB
	ctx context.Context
}

// openBrowser starts Chromium with one tab. A missing browser fails the test,
// and so does an error on the console, unless it holds one of these texts.
func openBrowser(t testing.TB, meant ...string) *page {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	)
	if own, err := filepath.Abs("../../bin/browser/headless_shell"); err != nil {
		t.Fatal(err)
	} else if _, err := os.Stat(own); err == nil { // make tools had to fetch one
		options = append(options, chromedp.ExecPath(own))
	}
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(allocator)
	t.Cleanup(cancel)
	p := &page{t, ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatalf("Chromium does not start (make tools installs it): %v", err)
	}
	console := chromedp.Console(ctx)
	go func() {
		for message, err := range console {
			if err != nil {
				return
			}
			text := fmt.Sprint(message)
			if slices.ContainsFunc(meant, func(m string) bool { return strings.Contains(text, m) }) {
				continue
			}
			if strings.Contains(text, "error") || strings.Contains(text, "Error") {
				t.Errorf("the browser's console says: %s", text)
			}
		}
	}()
	return p
}

func (p *page) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.screenshot(failure)
		p.t.Fatal(err)
	}
}

// view sets the window's size and the colour scheme.
func (p *page) view(width, height int64, dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	p.do(chromedp.EmulateViewport(width, height), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		return setColourScheme(ctx, scheme)
	}))
}

func setColourScheme(ctx context.Context, scheme string) error {
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // colours are judged when they stand still
		},
	})
	return err
}

func (p *page) open(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
}

// eval runs JavaScript and returns its value.
func eval[T any](p *page, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		p.t.Fatalf("%s: %v", js, err)
	}
	return value
}

// wait waits until a JavaScript expression is truthy.
func (p *page) wait(what, js string) {
	p.t.Helper()
	deadline := time.Now().Add(15 * time.Second)
	for {
		ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("Boolean("+js+")"))
		cancel()
		if err == nil && ok {
			return
		}
		if time.Now().After(deadline) {
			p.screenshot(failure)
			p.t.Fatalf("waited in vain: %s (%s, %v)", what, js, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// text returns the text of all elements that match, a line each.
func (p *page) text(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`[...document.querySelectorAll(%s)].map(e => e.innerText).join("\n")`, quote(selector)))
}

// waitText waits until the text of the matching elements contains want.
func (p *page) waitText(selector, want string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("%q in %s", want, selector), fmt.Sprintf(
		`[...document.querySelectorAll(%s)].some(e => e.innerText.includes(%s))`, quote(selector), quote(want)))
}

// click clicks with the mouse on the first visible element that matches.
func (p *page) click(selector string) {
	p.t.Helper()
	visible := fmt.Sprintf(`[...document.querySelectorAll(%s)].find(e => e.checkVisibility() && !e.disabled)`, quote(selector))
	p.wait(selector+" can be clicked", visible)
	at := eval[[]float64](p, fmt.Sprintf(`(() => { const e = %s; e.scrollIntoView({block: "nearest"});
		const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] })()`, visible))
	p.do(chromedp.MouseClickXY(at[0], at[1]))
}

// typeInto empties a control and types into it as a person does, key by key.
func (p *page) typeInto(selector, text string) {
	p.t.Helper()
	p.do(chromedp.Focus(selector))
	eval[bool](p, fmt.Sprintf(`(document.querySelector(%s).select(), true)`, quote(selector)))
	if text == "" {
		text = "\b"
	}
	p.do(chromedp.KeyEvent(text))
}

// choose selects an option of a select element.
func (p *page) choose(selector, value string) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`(() => { const e = document.querySelector(%s); e.value = %s;
		e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); return e.value === %[2]s })()`,
		quote(selector), quote(value)))
}

func (p *page) screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 20*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		p.t.Logf("no screenshot: %v", err)
		return
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// checkAccessibility runs axe over the page as it stands and reports every
// violation of WCAG 2.2 A and AA.
func (p *page) checkAccessibility(state string) {
	p.t.Helper()
	axe, err := os.ReadFile(filepath.Join("..", "..", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		p.t.Fatalf("axe is not installed (make tools installs it): %v", err)
	}
	p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[json.RawMessage](string(axe)+"; null"))
		return err
	}))
	ctx, cancel := context.WithTimeout(p.ctx, 60*time.Second)
	defer cancel()
	found, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}).then(
		r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + n.failureSummary).join(" | ")))`,
		chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("axe on %s: %v", state, err)
	}
	for _, violation := range found {
		p.t.Errorf("%s: %s", state, violation)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
