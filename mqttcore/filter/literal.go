package filter

import (
	"encoding/hex"
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// bind reads the literal as a value of the type that it is compared with.
func (p *parser) bind(l *literal, with operand) *Error {
	l.typ = with.kind()
	if isSlice(with) {
		l.typ = Bytes
	}
	switch {
	case l.typ.numeric():
		return p.bindNumber(l, with)
	case l.typ == Text:
		return p.bindText(l, with)
	case l.typ == Bytes:
		return p.bindBytes(l, with)
	case l.typ == Address:
		return p.bindAddress(l, with)
	}
	return p.misfit(l, with, "filter.error.no_value")
}

// misfit blames a literal that is of another type than the other side.
func (p *parser) misfit(l *literal, with operand, key string) *Error {
	from, to := with.place()
	return mistake(l.from, l.to, key, "field", p.src[from:to], "have", p.src[l.from:l.to])
}

func (p *parser) bindNumber(l *literal, with operand) *Error {
	f, _ := with.(*field)
	t := l.token
	if t.kind == tokenChar {
		l.value.number = float64(t.value[0])
		return nil
	}
	name := t.text
	if t.kind == tokenString {
		name = t.value
	}
	if f != nil && !l.minus {
		if n, ok := f.number(name); ok {
			l.value.number = float64(n)
			return nil
		}
	}
	n, ok := parseNumber(name, l.typ)
	switch {
	case ok && t.kind == tokenString: // a number in quotes
		return p.misfit(l, with, "filter.error.number").suggest(name)
	case ok && f != nil && f.Max > 0 && n > float64(f.Max):
		err := p.misfit(l, with, "filter.error.large")
		err.Args = append(err.Args, "most", strconv.Itoa(f.Max))
		return err
	case ok:
		if l.minus {
			n = -n
		}
		if l.typ == Boolean && n != 0 {
			n = 1
		}
		l.value.number = n
		return nil
	}
	if near := nearestField(name); near != "" && strings.Contains(name, ".") && t.kind == tokenWord && !startsNumber(name) {
		return p.unknown(t)
	}
	if f != nil && len(f.Values)+len(f.aliases) > 0 {
		err := p.misfit(l, with, "filter.error.value_name")
		if near := f.nearest(name); near != "" {
			err.suggest(valueText(near))
		}
		return err
	}
	if l.typ == Boolean {
		err := p.misfit(l, with, "filter.error.boolean")
		switch strings.ToLower(name) {
		case "true", "yes", "on", "set":
			err.suggest("True")
		case "false", "no", "off":
			err.suggest("False")
		}
		return err
	}
	return p.misfit(l, with, "filter.error.number")
}

// nearest returns the value's name that is probably meant, or "".
func (f *FieldInfo) nearest(name string) string {
	var names []string
	for _, v := range slices.Concat(f.Values, f.aliases) {
		names = append(names, v.Name)
	}
	if near := nearest(name, names); near != "" || len(name) < 3 {
		return near
	}
	for _, n := range names {
		if strings.Contains(strings.ToLower(n), strings.ToLower(name)) {
			return n
		}
	}
	return ""
}

// parseNumber reads a number in the notation of C, or as a boolean or
// seconds.
func parseNumber(s string, t Type) (float64, bool) {
	switch t {
	case Boolean:
		switch s {
		case "True", "TRUE", "true":
			return 1, true
		case "False", "FALSE", "false":
			return 0, true
		}
	case Seconds:
		if decimals.MatchString(s) {
			n, err := strconv.ParseFloat(s, 64)
			return n, err == nil
		}
	}
	if strings.ContainsAny(s, "_oO") { // Go's own notations
		return 0, false
	}
	n, err := strconv.ParseUint(s, 0, 64)
	return float64(n), err == nil
}

var decimals = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// valueText writes the name of a value as it stands in a filter.
func valueText(name string) string {
	if plain.MatchString(name) {
		return name
	}
	return quote(name)
}

var plain = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (p *parser) bindText(l *literal, with operand) *Error {
	if l.token.kind == tokenWord {
		if !l.minus && strings.Contains(l.token.text, ".") && registryPrefix(l.token.text) {
			return p.unknown(l.token)
		}
		return p.misfit(l, with, "filter.error.text").suggest(quote(p.src[l.from:l.to]))
	}
	l.value.octets = []byte(l.token.value)
	return nil
}

// registryPrefix says whether a word looks like the name of a field.
func registryPrefix(word string) bool {
	first, _, _ := strings.Cut(word, ".")
	return registry().byName[first] != nil
}

func (p *parser) bindBytes(l *literal, with operand) *Error {
	if l.token.kind != tokenWord {
		l.value.octets = []byte(l.token.value)
		return nil
	}
	b, err := parseBytes(l.token.text)
	if err != nil || l.minus {
		return p.misfit(l, with, "filter.error.bytes").suggest(quote(p.src[l.from:l.to]))
	}
	l.value.octets = b
	return nil
}

var errBytes = errors.New("no bytes")

// parseBytes reads 30:0d:00, 30-0d-00, 30.0d.00, 300d00 or one byte as 0x30.
func parseBytes(s string) ([]byte, error) {
	if h, ok := strings.CutPrefix(s, "0x"); ok {
		n, err := strconv.ParseUint(h, 16, 8)
		return []byte{byte(n)}, err
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == ':' || r == '-' || r == '.' })
	if len(parts) == 1 && len(parts[0])%2 == 0 {
		return hex.DecodeString(parts[0])
	}
	var b []byte
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 16, 8)
		if err != nil || len(part) > 2 {
			return nil, errBytes
		}
		b = append(b, byte(n))
	}
	if len(b) == 0 {
		return nil, errBytes
	}
	return b, nil
}

func (p *parser) bindAddress(l *literal, with operand) *Error {
	text := l.token.text
	if l.token.kind != tokenWord {
		text = l.token.value
	}
	if prefix, err := netip.ParsePrefix(text); err == nil && !l.minus {
		l.value.address, l.value.prefix = prefix.Addr().Unmap(), prefix.Bits()+1
		if l.value.address.BitLen() < prefix.Bits() {
			l.value.prefix = 0
		}
		return nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || l.minus || a.Zone() != "" {
		return p.misfit(l, with, "filter.error.address")
	}
	l.value.address = a.Unmap()
	return nil
}
