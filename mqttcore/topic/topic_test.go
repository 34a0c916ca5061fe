package topic_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"mqttlab/mqttcore/topic"
)

// naive is section 4.7 word by word: the definition to test against.
func naive(filter, name string) bool {
	if strings.HasPrefix(name, "$") && (strings.HasPrefix(filter, "+") || strings.HasPrefix(filter, "#")) {
		return false
	}
	return levels(strings.Split(filter, "/"), strings.Split(name, "/"))
}

func levels(filter, name []string) bool {
	switch {
	case len(filter) == 1 && filter[0] == "#":
		return true
	case len(filter) == 0 || len(name) == 0:
		return len(filter) == len(name)
	}
	return (filter[0] == "+" || filter[0] == name[0]) && levels(filter[1:], name[1:])
}

func TestMatch(t *testing.T) {
	tests := []struct {
		filter, name string
		want         bool
	}{
		{"a", "a", true}, {"a", "A", false}, {"a", "a/", false}, {"a/", "a", false}, {"/a", "a", false},
		{"sport/tennis/player1/#", "sport/tennis/player1", true},
		{"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
		{"sport/#", "sport", true}, {"sport/#", "sports", false}, {"#", "a/b", true}, {"#", "/", true},
		{"sport/tennis/+", "sport/tennis/player1", true}, {"sport/tennis/+", "sport/tennis/player1/ranking", false},
		{"sport/+", "sport", false}, {"sport/+", "sport/", true},
		{"+/+", "/finance", true}, {"/+", "/finance", true}, {"+", "/finance", false},
		{"+/#", "a", true}, {"+/#", "/", true}, {"a/+/#", "a", false}, {"a/+/#", "a/b", true},
		{"#", "$SYS/x", false}, {"+/x", "$SYS/x", false}, {"$SYS/#", "$SYS/x", true}, {"$SYS/+", "$SYS/x", true},
		{"a/#", "a/$x", true}, {"+", "$", false},
		{"test", "test/a", false}, {"test/#", "test/a", true},
	}
	for _, test := range tests {
		if got := topic.Match(test.filter, test.name); got != test.want || naive(test.filter, test.name) != test.want {
			t.Errorf("Match(%q, %q) = %v, want %v", test.filter, test.name, got, test.want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("a/+/#", "a/b/c")
	f.Add("+", "$x")
	f.Fuzz(func(t *testing.T, filter, name string) {
		if topic.CheckFilter(filter).Problem != topic.OK || topic.CheckName(name).Problem != topic.OK {
			return
		}
		want := naive(filter, name)
		if topic.Match(filter, name) != want {
			t.Errorf("Match(%q, %q) is not %v", filter, name, want)
		}
		e := topic.Explain(filter, name)
		if e.Match != want {
			t.Errorf("Explain(%q, %q) is not %v", filter, name, want)
		}
		for i, l := range e.Levels {
			last := i == len(e.Levels)-1
			if l.Verdict >= topic.Differs && (want || !last) {
				t.Errorf("Explain(%q, %q): %v at level %d", filter, name, l.Verdict, i)
			}
		}
		var x topic.Index[int, int]
		x.Set(filter, 1, 2)
		found := false
		x.Match(name, func(int, int) bool { found = true; return true })
		if found != want {
			t.Errorf("Index with %q matches %q: %v", filter, name, found)
		}
		var s topic.Store[int]
		s.Set(name, 1)
		if got := len(s.AppendMatches(nil, filter)) == 1; got != want {
			t.Errorf("Store with %q matches %q: %v", name, filter, got)
		}
	})
}

func TestExplain(t *testing.T) {
	L := func(filter, name string, v topic.Verdict) topic.Level {
		return topic.Level{Filter: filter, Name: name, Verdict: v}
	}
	tests := []struct {
		filter, name string
		want         []topic.Level
	}{
		{"a/+/#", "a/b/c/d", []topic.Level{L("a", "a", topic.Equal), L("+", "b", topic.SingleWild), L("#", "c/d", topic.MultiWild)}},
		{"a/#", "a", []topic.Level{L("a", "a", topic.Equal), L("#", "", topic.MultiWild)}},
		{"a/b", "a", []topic.Level{L("a", "a", topic.Equal), L("b", "", topic.NameEnds)}},
		{"a", "a/b", []topic.Level{L("a", "a", topic.Equal), L("", "b", topic.FilterEnds)}},
		{"/a", "a", []topic.Level{L("", "a", topic.Differs)}},
		{"+/x", "$SYS/x", []topic.Level{L("+", "$SYS", topic.Hidden)}},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, topic.Explain(test.filter, test.name).Levels); diff != "" {
			t.Errorf("Explain(%q, %q) (-want +got):\n%s", test.filter, test.name, diff)
		}
	}
}

func TestCovers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		wide, narrow, name := filters.Draw(t, "wide"), filters.Draw(t, "narrow"), names.Draw(t, "name")
		if topic.Covers(wide, narrow) && topic.Match(narrow, name) && !topic.Match(wide, name) {
			t.Fatalf("%q is said to cover %q, but only that matches %q", wide, narrow, name)
		}
	})
	for _, test := range []struct {
		wide, narrow string
		want         bool
	}{{"#", "a/b", true}, {"a/#", "a", true}, {"a/#", "a/+/c", true}, {"a/+", "a/#", false}, {"+/b", "a/b", true}, {"a", "+", false}, {"#", "$SYS/#", false}, {"a/+", "a", false}} {
		if topic.Covers(test.wide, test.narrow) != test.want {
			t.Errorf("Covers(%q, %q) is not %v", test.wide, test.narrow, test.want)
		}
	}
}

// Few words, so that filters and names often share levels.
var (
	word    = rapid.SampledFrom([]string{"", "a", "b", "aa", "$", "é"})
	names   = rapid.Map(rapid.SliceOfN(word, 1, 5), join)
	filters = rapid.Custom(func(t *rapid.T) string {
		list := rapid.SliceOfN(rapid.OneOf(word, rapid.Just("+")), 0, 4).Draw(t, "levels")
		if rapid.Bool().Draw(t, "hash") {
			list = append(list, "#")
		}
		return join(list)
	})
)

func join(list []string) string {
	if s := strings.Join(list, "/"); s != "" {
		return s
	}
	return "/"
}

func TestIndexAgainstNaive(t *testing.T) {
	type entry struct {
		filter string
		key    int
	}
	rapid.Check(t, func(t *rapid.T) {
		x := new(topic.Index[int, int])
		model := map[entry]int{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			e := entry{filters.Draw(t, "filter"), rapid.IntRange(0, 12).Draw(t, "key")}
			switch rapid.IntRange(0, 2).Draw(t, "do") {
			case 0, 1:
				value := rapid.Int().Draw(t, "value")
				old, replaced := x.Set(e.filter, e.key, value)
				if want, ok := model[e]; ok != replaced || old != want {
					t.Fatalf("Set(%v) replaced %v %v, want %v %v", e, replaced, old, ok, want)
				}
				model[e] = value
			default:
				_, ok := model[e]
				if x.Delete(e.filter, e.key) != ok {
					t.Fatalf("Delete(%v) is not %v", e, ok)
				}
				delete(model, e)
			}
			name := names.Draw(t, "name")
			got := map[entry]int{}
			count := 0
			x.Match(name, func(key, value int) bool { got[entry{"", key}] += value; count++; return true })
			want := map[entry]int{}
			for e, value := range model {
				if naive(e.filter, name) {
					want[entry{"", e.key}] += value
					count--
				}
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(entry{})); diff != "" || count != 0 || x.Len() != len(model) {
				t.Fatalf("Match(%q), %d too many (-want +got):\n%s", name, count, diff)
			}
			if key, value, ok := x.Near(name); ok {
				there := false
				for e, v := range model {
					there = there || e.key == key && v == value
				}
				if !there {
					t.Fatalf("Near(%q) is %d of %d, which is not there", name, value, key)
				}
			}
			var order, again []int
			x.Match(name, func(_, value int) bool { order = append(order, value); return true })
			y := new(topic.Index[int, int])
			y.Copy(x, func(key, value int) (int, int) { return key, value })
			x = y // the test goes on with it
			x.Match(name, func(_, value int) bool { again = append(again, value); return true })
			if !slices.Equal(order, again) {
				t.Fatalf("Match(%q) yields %v, and of the copy %v", name, order, again)
			}
		}
		for e := range model {
			x.Delete(e.filter, e.key)
		}
		if n := x.Nodes(); n != 0 {
			t.Fatalf("%d nodes are left of nothing", n)
		}
	})
}

func TestNear(t *testing.T) {
	for _, test := range []struct{ filters, name, want string }{
		{"test", "test/a", "test"},
		{"test/a", "test", "test/a"},
		{"Test/a", "test/a", "Test/a"},
		{"test/A", "test/a", "test/A"},
		{"test/a", "/test/a", "test/a"},
		{"/test/a", "test/a", "/test/a"},
		{"home/kitchen/temp home/hall/temp", "home/hall/light", "home/hall/temp"},
		{"home home/hall/temp", "home/hall/light", "home/hall/temp"},
		{"home/+/temp", "home/hall", "home/+/temp"},
		{"+/temp", "hall/light", "+/temp"},
		{"other other/b", "test/a", ""},
		{"#", "$SYS/x", "#"},
		{"+/x", "$SYS/x", "+/x"},
		{"", "test/a", ""},
	} {
		var x topic.Index[int, string]
		for i, filter := range strings.Fields(test.filters) {
			x.Set(filter, i, filter)
		}
		if _, got, ok := x.Near(test.name); got != test.want || ok != (got != "") {
			t.Errorf("near %s of %s is %q, want %q", test.name, test.filters, got, test.want)
		}
	}
}

func TestStoreAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := new(topic.Store[string])
		model := map[string]bool{}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			name := names.Draw(t, "name")
			if rapid.IntRange(0, 2).Draw(t, "do") < 2 {
				s.Set(name, name)
				model[name] = true
			} else {
				if _, ok := s.Delete(name); ok != model[name] {
					t.Fatalf("Delete(%q) = %v", name, ok)
				}
				delete(model, name)
			}
			if _, ok := s.Get(name); ok != model[name] {
				t.Fatalf("Get(%q) = %v", name, ok)
			}
			filter := filters.Draw(t, "filter")
			var want []string
			for name := range model {
				if naive(filter, name) {
					want = append(want, name)
				}
			}
			got := s.AppendMatches(nil, filter)
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("AppendMatches(%q) (-want +got):\n%s", filter, diff)
			}
			if len(s.All(nil)) != len(model) || s.Len() != len(model) {
				t.Fatalf("%d of %d names", s.Len(), len(model))
			}
			order := s.All(nil)
			c := new(topic.Store[string])
			c.Copy(s, func(value string) string { return value })
			s = c // the test goes on with it
			if again := s.All(nil); !slices.Equal(order, again) {
				t.Fatalf("All yields %v, and of the copy %v", order, again)
			}
		}
	})
}

// TestManyLevels holds the index to bounded time for the deepest topics that
// a packet can carry.
func TestManyLevels(t *testing.T) {
	start := time.Now()
	deep := strings.Repeat("/", 65_535)
	var x topic.Index[int, int]
	var s topic.Store[int]
	for i := range 100 {
		x.Set(deep[:65_535-i], i, i)
		x.Set(strings.Repeat("+/", 32_000+i)+"#", i, i)
		s.Set(deep[i:], i)
	}
	n := 0
	x.Match(deep, func(int, int) bool { n++; return true })
	if n != 101 {
		t.Errorf("%d matches, want 101", n)
	}
	if got := len(s.AppendMatches(nil, strings.Repeat("+/", 65_435/2)+"#")); got != 100 {
		t.Errorf("%d names, want 100", got)
	}
	for i := range 100 {
		x.Delete(deep[:65_535-i], i)
		x.Delete(strings.Repeat("+/", 32_000+i)+"#", i)
	}
	if x.Len() != 0 || x.Nodes() != 0 {
		t.Errorf("%d filters, %d nodes left", x.Len(), x.Nodes())
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("took %v", d)
	} else {
		t.Logf("took %v", d)
	}
}

func TestMatchAllocatesNothing(t *testing.T) {
	var x topic.Index[int, int]
	for i := range 20 {
		x.Set("a/+/c", i, i)
		x.Set("a/#", i, i)
	}
	n := 0
	yield := func(int, int) bool { n++; return true }
	x.Match("a/b/c", yield)
	if allocs := testing.AllocsPerRun(100, func() { x.Match("a/b/c", yield) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkIndexMatch(b *testing.B) {
	var x topic.Index[int, int]
	for i := range 100_000 {
		x.Set("site/"+string(rune('a'+i%26))+"/device/"+itoa(i), i, i)
	}
	for i := range 100 {
		x.Set("site/+/device/#", i, i)
	}
	n := 0
	yield := func(int, int) bool { n++; return true }
	b.ReportAllocs()
	for b.Loop() {
		x.Match("site/c/device/2", yield)
	}
}

func BenchmarkStoreAll(b *testing.B) {
	var s topic.Store[int]
	for i := range 100_000 {
		s.Set("site/"+itoa(i%100)+"/device/"+itoa(i), i)
	}
	var dst []int
	b.ReportAllocs()
	for b.Loop() {
		dst = s.AppendMatches(dst[:0], "site/+/device/+")
	}
	if len(dst) != 100_000 {
		b.Fatal(len(dst))
	}
}

func itoa(i int) string {
	if i < 10 {
		return string(rune('0' + i))
	}
	return itoa(i/10) + itoa(i%10)
}
