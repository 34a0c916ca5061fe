package class

import (
	"strings"
	"testing"
)

// FuzzNormal: a code that is shown in groups, in small letters, and with space
// around it is the code again, whatever was typed; and what is normal stays so.
func FuzzNormal(f *testing.F) {
	for _, typed := range []string{"YMJ VY9", " ymj-vy9 ", "ymj·vy9", "", "ＡＢＣ", "\u2028 a", "i l o", "\xff-"} {
		f.Add(typed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := Normal(typed)
		if again := Normal(code); again != code {
			t.Errorf("%q is normally %q, and that %q", typed, code, again)
		}
		if strings.ContainsAny(code, " -·abcdefghijklmnopqrstuvwxyz") {
			t.Errorf("%q is normally %q", typed, code)
		}
		if strings.Trim(code, letters) != "" {
			return // no code of ours, and nobody's
		}
		if back := Normal("\t" + strings.ToLower(Spaced(code)) + " "); back != code {
			t.Errorf("%q is shown as %q, and that typed is %q", code, Spaced(code), back)
		}
	})
}
