package settings

import (
	"bytes"
	"encoding/json"
	"strconv"

	"mqttlab/mqttcore/broker"
	"mqttlab/mqttcore/packet"
	"mqttlab/mqttcore/strictjson"
	"mqttlab/mqttcore/topic"
)

// Options says what Parse starts from.
type Options struct {
	// Old is the configuration whose passwords null stands for; nil: none.
	Old *broker.Config
	// Base has the values of what is not given, and in its group Bounds, where
	// they are not 0, the most that may be asked for. Whoever takes settings
	// from strangers sets them.
	Base broker.Config
}

// Parse reads a configuration. Its error is a *strictjson.Error.
func Parse(data []byte, o Options) (broker.Config, error) {
	doc := strictjson.Parse(data)
	cfg := Read(doc.Root(), o)
	return cfg, doc.Err()
}

// Read is Parse for a value within a larger text, which then has the mistakes.
func Read(v strictjson.Value, o Options) broker.Config {
	cfg := o.Base
	object := v.Object()
	for i := range fields {
		f := &fields[i]
		if v := object.Get(f.Key); v.Given() {
			f.read(v, &cfg, o)
		}
	}
	object.Done()
	return cfg
}

func (f *Field) read(v strictjson.Value, cfg *broker.Config, o Options) {
	switch f.Kind {
	case Flag:
		*f.flag(cfg) = v.Bool() != f.inverse
	case Number:
		most := f.Max
		if bound, _ := f.number(&o.Base); f.Group == Bounds && bound > 0 {
			most = min(most, bound)
		}
		_, set := f.number(cfg)
		set(v.Int(f.Min, most))
	case Decimal:
		*f.decimal(cfg) = v.Float(float64(f.Min), float64(f.Max))
	case Names, Filters:
		*f.list(cfg) = f.texts(v)
	case Versions:
		*f.versions(cfg) = readVersions(v)
	case Users:
		*f.users(cfg) = readUsers(v, o.Old)
	}
}

// texts reads a list, null being no list.
func (f *Field) texts(v strictjson.Value) []string {
	if v.Null() {
		return nil
	}
	list := []string{}
	for _, item := range v.List(maxEntries) {
		text := item.Text()
		if len(text) > maxEntryBytes {
			item.Fail("json.long", "bytes", strconv.Itoa(len(text)), "most", strconv.Itoa(maxEntryBytes))
		}
		if fault := topic.CheckFilter(text); f.Kind == Filters && fault.Problem != topic.OK {
			item.Fail("json.filter." + filterFaults[fault.Problem])
		}
		list = append(list, text)
	}
	return list
}

var filterFaults = map[topic.Problem]string{
	topic.Empty:        "empty",
	topic.HashNotLast:  "hash-last",
	topic.HashNotAlone: "hash",
	topic.PlusNotAlone: "plus",
}

func readVersions(v strictjson.Value) []packet.Version {
	if v.Null() {
		return nil
	}
	var words []string
	for _, known := range packet.Versions {
		words = append(words, known.String())
	}
	list := []packet.Version{}
	for _, item := range v.List(len(packet.Versions)) {
		if version, ok := packet.ParseVersion(item.Word(words...)); ok {
			list = append(list, version)
		}
	}
	return list
}

func readUsers(v strictjson.Value, old *broker.Config) map[string]string {
	if v.Null() {
		return nil
	}
	users := make(map[string]string)
	v.Object().Each(func(name string, password strictjson.Value) {
		switch {
		case len(users) >= maxEntries:
			v.Fail("json.users", "most", strconv.Itoa(maxEntries))
		case len(name) > maxEntryBytes || len(password.Raw()) > maxEntryBytes:
			password.Fail("json.too-long", "most", strconv.Itoa(maxEntryBytes))
		case !password.Null():
			users[name] = password.Text()
		default:
			kept, known := "", false
			if old != nil {
				kept, known = old.Users[name]
			}
			if !known {
				password.Fail("json.no-password")
			}
			users[name] = kept
		}
	})
	return users
}

// JSON writes a configuration without its passwords, one key a line. With all
// it writes every key, else those that differ from base.
func JSON(cfg, base broker.Config, all bool) []byte {
	cfg, base = broker.New(cfg).Config(), broker.New(base).Config()
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range fields {
		f := &fields[i]
		value, _ := json.Marshal(f.value(&cfg))
		if plain, _ := json.Marshal(f.value(&base)); !all && bytes.Equal(value, plain) {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		b.WriteString("\n  \"" + f.Key + "\": ")
		b.Write(value)
	}
	if b.Len() > 1 {
		b.WriteByte('\n')
	}
	b.WriteByte('}')
	return b.Bytes()
}

// Values returns every field's value as JSON has it, by key; users without
// their passwords.
func Values(cfg broker.Config) map[string]any {
	cfg = broker.New(cfg).Config()
	values := make(map[string]any, len(fields))
	for i := range fields {
		values[fields[i].Key] = fields[i].value(&cfg)
	}
	return values
}

// value is the field's value as JSON has it.
func (f *Field) value(cfg *broker.Config) any {
	switch f.Kind {
	case Flag:
		return *f.flag(cfg) != f.inverse
	case Number:
		n, _ := f.number(cfg)
		return n
	case Decimal:
		return *f.decimal(cfg)
	case Names, Filters:
		return *f.list(cfg)
	case Versions:
		words := []string{}
		for _, v := range *f.versions(cfg) {
			words = append(words, v.String())
		}
		return words
	}
	users := *f.users(cfg)
	if users == nil {
		return nil
	}
	names := make(map[string]any, len(users))
	for name := range users {
		names[name] = nil
	}
	return names
}

// Caps returns of a configuration its group Bounds only, as Options.Base takes
// them.
func Caps(cfg broker.Config) broker.Config {
	cfg = broker.New(cfg).Config()
	var caps broker.Config
	for i := range fields {
		if fields[i].Group == Bounds {
			n, _ := fields[i].number(&cfg)
			_, set := fields[i].number(&caps)
			set(n)
		}
	}
	return caps
}

// Within returns a configuration whose group Bounds asks for nothing, or for
// more than may be had, with what may be had.
func Within(cfg, caps broker.Config) broker.Config {
	for i := range fields {
		if fields[i].Group != Bounds {
			continue
		}
		most, _ := fields[i].number(&caps)
		if n, set := fields[i].number(&cfg); most > 0 && (n == 0 || n > most) {
			set(most)
		}
	}
	return cfg
}
