package spec

// Lang is a language that mqttlab speaks, by its BCP 47 primary tag.
type Lang string

// The languages.
const (
	English Lang = "en"
	Chinese Lang = "zh" // simplified
)

// languages is the table of languages, the one that texts fall back to first.
var languages = []struct {
	lang Lang
	name string // in the language itself
}{
	{English, "English"},
	{Chinese, "中文"},
}

// Languages lists the languages, the default first.
func Languages() []Lang {
	list := make([]Lang, len(languages))
	for i, l := range languages {
		list[i] = l.lang
	}
	return list
}

// Name returns the language's name in the language itself, or its tag when
// mqttlab does not speak it.
func (l Lang) Name() string {
	for _, known := range languages {
		if known.lang == l {
			return known.name
		}
	}
	return string(l)
}

// known returns l if mqttlab speaks it, and otherwise the default.
func (l Lang) known() Lang {
	for _, k := range languages {
		if k.lang == l {
			return l
		}
	}
	return languages[0].lang
}
