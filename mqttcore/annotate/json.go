package annotate

import (
	"encoding/json"
	"strconv"
)

// AppendJSON appends the Document's JSON to dst: what json.Encoder writes
// with SetEscapeHTML(false), made Inert, without the line's end, some times as
// fast.
func (d *Document) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"source":{"format":`...)
	dst = appendString(dst, d.Source.Format)
	dst = appendInt(dst, `,"bytes":`, d.Source.Bytes)
	dst = append(dst, `,"skipped":`...)
	dst = appendList(dst, d.Source.Skipped, (*Skipped).appendJSON)
	if len(d.Source.Problems) > 0 {
		dst = append(dst, `,"problems":`...)
		dst = appendList(dst, d.Source.Problems, (*Problem).appendJSON)
	}
	if len(d.Source.Readings) > 0 {
		dst = append(dst, `,"readings":`...)
		dst = appendStrings(dst, d.Source.Readings)
	}
	if len(d.Source.Places) > 0 {
		dst = append(dst, `,"places":`...)
		dst = appendList(dst, d.Source.Places, appendPair)
	}
	dst = append(dst, `},"packets":`...)
	dst = appendList(dst, d.Packets, (*Packet).AppendJSON)
	if d.Rest != nil {
		dst = append(dst, `,"rest":`...)
		dst = d.Rest.appendJSON(dst)
	}
	return append(dst, '}')
}

// AppendJSON appends the Packet's JSON to dst, as Document's does.
func (p *Packet) AppendJSON(dst []byte) []byte {
	dst = p.appendOrigin(p.appendPlace(dst))
	dst = appendText(appendText(dst, `,"summary":`, p.Summary), `,"hex":`, p.Hex)
	return p.appendTail(appendList(append(dst, `,"fields":`...), p.Fields, (*Field).appendJSON))
}

// appendPlace and appendOrigin append what comes before a packet's summary,
// one behind the other, and appendTail what comes behind its fields.
func (p *Packet) appendPlace(dst []byte) []byte {
	dst = appendInt(dst, `{"index":`, p.Index)
	dst = appendInt(dst, `,"offset":`, p.Offset)
	return appendInt(dst, `,"length":`, p.Length)
}

func (p *Packet) appendOrigin(dst []byte) []byte {
	dst = appendText(dst, `,"version":`, p.Version)
	dst = appendText(dst, `,"version_why":`, p.VersionWhy)
	dst = appendText(dst, `,"direction":`, p.Direction)
	return appendText(dst, `,"type":`, p.Type)
}

func (p *Packet) appendTail(dst []byte) []byte {
	dst = append(dst, `,"findings":`...)
	dst = appendList(dst, p.Findings, (*Finding).appendJSON)
	if len(p.Links) > 0 {
		dst = append(dst, `,"links":`...)
		dst = appendList(dst, p.Links, (*Link).appendJSON)
	}
	if p.Answer != nil {
		dst = appendText(dst, `,"answer":{"hex":`, p.Answer.Hex)
		dst = append(appendText(dst, `,"text":`, p.Answer.Text), '}')
	}
	if len(p.Alternatives) > 0 {
		dst = append(dst, `,"alternatives":`...)
		dst = appendList(dst, p.Alternatives, (*Packet).AppendJSON)
	}
	return append(dst, '}')
}

func (f *Field) appendJSON(dst []byte) []byte {
	if known := f.fragment(); known != nil {
		dst = append(appendInt(dst, known.head, f.Offset), known.tail...)
	} else {
		dst = strconv.AppendInt(f.appendHead(dst), int64(f.Offset), 10)
		dst = f.appendTail(dst)
	}
	if len(f.Fields) > 0 {
		dst = append(dst, `,"fields":`...)
		dst = appendList(dst, f.Fields, (*Field).appendJSON)
	}
	return append(dst, '}')
}

// appendHead appends what comes before a field's offset, appendTail what
// comes behind it.
func (f *Field) appendHead(dst []byte) []byte {
	dst = appendText(dst, `{"name":`, f.Name)
	return append(appendText(dst, `,"label":`, f.Label), `,"offset":`...)
}

func (f *Field) appendTail(dst []byte) []byte {
	dst = f.appendPlace(dst)
	if f.Value != nil {
		dst = appendValue(append(dst, `,"value":`...), f.Value)
	}
	return f.appendGroup(f.appendTexts(dst))
}

// appendPlace appends what comes between a field's offset and its value,
// appendTexts and appendGroup what comes behind that.
func (f *Field) appendPlace(dst []byte) []byte {
	dst = appendInt(dst, `,"length":`, f.Length)
	if f.Bits != nil {
		dst = appendPair(f.Bits, append(dst, `,"bits":`...))
	}
	return dst
}

func (f *Field) appendTexts(dst []byte) []byte {
	if f.Text != "" {
		dst = appendText(dst, `,"text":`, f.Text)
	}
	if f.Math != "" {
		dst = appendText(dst, `,"math":`, f.Math)
	}
	if f.Cut {
		dst = append(dst, `,"cut":true`...)
	}
	return dst
}

func (f *Field) appendGroup(dst []byte) []byte { return appendText(dst, `,"group":`, string(f.Group)) }

func (f *Finding) appendJSON(dst []byte) []byte {
	dst = appendText(dst, `{"severity":`, string(f.Severity))
	if f.Rule != "" {
		dst = appendText(dst, `,"rule":`, f.Rule)
	}
	if len(f.Also) > 0 {
		dst = appendStrings(append(dst, `,"also":`...), f.Also)
	}
	dst = appendText(dst, `,"code":`, f.Code)
	dst = appendInt(dst, `,"offset":`, f.Offset)
	dst = appendInt(dst, `,"length":`, f.Length)
	if f.Bits != nil {
		dst = appendPair(f.Bits, append(dst, `,"bits":`...))
	}
	dst = appendText(dst, `,"text":`, f.Text)
	if f.Repair != nil {
		dst = appendText(dst, `,"repair":{"hex":`, f.Repair.Hex)
		dst = append(appendText(dst, `,"text":`, f.Repair.Text), '}')
	}
	return append(dst, '}')
}

func (l *Link) appendJSON(dst []byte) []byte {
	dst = appendInt(dst, `{"to":`, l.To)
	dst = appendText(dst, `,"kind":`, l.Kind)
	dst = appendText(dst, `,"text":`, l.Text)
	dst = appendInt(dst, `,"offset":`, l.Offset)
	return append(appendInt(dst, `,"length":`, l.Length), '}')
}

func (r *Rest) appendJSON(dst []byte) []byte {
	dst = appendInt(dst, `{"offset":`, r.Offset)
	dst = appendInt(dst, `,"length":`, r.Length)
	dst = appendText(dst, `,"why":`, r.Why)
	if r.Type != "" {
		dst = appendText(dst, `,"type":`, r.Type)
	}
	dst = appendText(dst, `,"hex":`, r.Hex)
	if len(r.Fields) > 0 {
		dst = append(dst, `,"fields":`...)
		dst = appendList(dst, r.Fields, (*Field).appendJSON)
	}
	if len(r.Findings) > 0 {
		dst = append(dst, `,"findings":`...)
		dst = appendList(dst, r.Findings, (*Finding).appendJSON)
	}
	return append(dst, '}')
}

func (s *Skipped) appendJSON(dst []byte) []byte {
	dst = appendInt(dst, `{"from":`, s.From)
	dst = appendInt(dst, `,"to":`, s.To)
	return append(appendText(dst, `,"why":`, s.Why), '}')
}

func (p *Problem) appendJSON(dst []byte) []byte {
	dst = appendInt(dst, `{"from":`, p.From)
	dst = appendInt(dst, `,"to":`, p.To)
	dst = appendInt(dst, `,"line":`, p.Line)
	dst = appendInt(dst, `,"column":`, p.Column)
	dst = appendText(dst, `,"code":`, p.Code)
	return append(appendText(dst, `,"text":`, p.Text), '}')
}

func appendPair(pair *[2]int, dst []byte) []byte {
	dst = append(appendInt(dst, "[", pair[0]), ',')
	return append(strconv.AppendInt(dst, int64(pair[1]), 10), ']')
}

// appendList appends a list as an array, and one that is nil as null.
func appendList[T any](dst []byte, list []T, one func(*T, []byte) []byte) []byte {
	if list == nil {
		return append(dst, "null"...)
	}
	dst = append(dst, '[')
	for i := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = one(&list[i], dst)
	}
	return append(dst, ']')
}

func appendStrings(dst []byte, list []string) []byte {
	return appendList(dst, list, func(s *string, dst []byte) []byte { return appendString(dst, *s) })
}

func appendInt(dst []byte, before string, n int) []byte {
	dst = append(dst, before...)
	switch u := uint(n); { // most numbers are small
	case u < 10:
		return append(dst, '0'+byte(u))
	case u < 100:
		return append(dst, '0'+byte(u/10), '0'+byte(u%10))
	case u < 1000:
		return append(dst, '0'+byte(u/100), '0'+byte(u/10%10), '0'+byte(u%10))
	case u < 1_000_000:
		return appendThousand(appendInt(dst, "", n/1000), n%1000)
	case u < 1_000_000_000:
		return appendThousand(appendThousand(appendInt(dst, "", n/1_000_000), n/1000%1000), n%1000)
	}
	return strconv.AppendInt(dst, int64(n), 10)
}

// appendThousand appends a number below 1000 with zeros in front.
func appendThousand(dst []byte, n int) []byte {
	return append(dst, '0'+byte(n/100), '0'+byte(n/10%10), '0'+byte(n%10))
}

func appendText(dst []byte, before, s string) []byte {
	return appendString(append(dst, before...), s)
}

// appendHexText is appendText for hex, in which nothing needs to be quoted.
func appendHexText(dst []byte, before, s string) []byte {
	return append(append(append(append(dst, before...), '"'), s...), '"')
}

func appendValue(dst []byte, value any) []byte {
	switch x := value.(type) {
	case int:
		return strconv.AppendInt(dst, int64(x), 10)
	case string:
		return appendString(dst, x)
	}
	b, err := json.Marshal(value)
	if err != nil {
		return append(dst, "null"...) // no Value that this package makes
	}
	return append(dst, b...)
}
