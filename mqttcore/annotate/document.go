// Package annotate explains bytes: it joins the grammar's trace with the
// catalogue's texts to the annotated packet, the one form that pages, the
// command line, the JSON API, filters and labs read.
//
// [One] explains one Control Packet, [Bytes] a run of them, [Text]
// whatever somebody pasted. Each returns plain values whose JSON is a
// contract with other programs.
package annotate

// Document is annotated input.
type Document struct {
	Source  Source   `json:"source"`
	Packets []Packet `json:"packets"`
	Rest    *Rest    `json:"rest,omitempty"`
}

// Source says what the bytes were read from. All places are counted in
// characters (Unicode code points) of the input text.
type Source struct {
	Format   string    `json:"format"`
	Bytes    int       `json:"bytes"`
	Skipped  []Skipped `json:"skipped"`
	Problems []Problem `json:"problems,omitempty"`
	Readings []string  `json:"readings,omitempty"` // other formats that the text could be, best first
	// Places maps each byte to the characters it came from: [from, to).
	Places [][2]int `json:"places,omitempty"`
}

// Skipped is a stretch of the text that holds no bytes.
type Skipped struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Why  string `json:"why"`
}

// Problem is something wrong in the pasted text, before any packet is read.
type Problem struct {
	From   int    `json:"from"`
	To     int    `json:"to"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Code   string `json:"code"`
	Text   string `json:"text"`
}

// Packet is an annotated Control Packet.
type Packet struct {
	Index      int     `json:"index"`
	Offset     int     `json:"offset"` // from the input's first byte
	Length     int     `json:"length"` // in bytes
	Version    string  `json:"version"`
	VersionWhy string  `json:"version_why"`
	Direction  string  `json:"direction"` // the sender: "client", "server", or "" if that is not known
	Type       string  `json:"type"`
	Summary    string  `json:"summary"`
	Hex        string  `json:"hex"`
	Fields     []Field `json:"fields"`
	// Findings are all that is wrong or noteworthy, errors first.
	Findings []Finding `json:"findings"`
	// Links join the packet to earlier ones of its connection: what it answers,
	// what it repeats, what its Topic Alias stands for. Indexes are those of
	// the Document's packets.
	Links []Link `json:"links,omitempty"`
	// Answer is what the other side should answer, if the packet alone decides it.
	Answer *Answer `json:"answer,omitempty"`
	// Alternatives are the same bytes read under other versions, where they
	// read well under more than one and mean something else.
	Alternatives []Packet `json:"alternatives,omitempty"`
}

// Field is a part of a packet. Its leaves cover every byte exactly once.
type Field struct {
	Name   string  `json:"name"`  // Wireshark's filter name, or one in its manner
	Label  string  `json:"label"` // the specification's name
	Offset int     `json:"offset"`
	Length int     `json:"length"`
	Bits   *[2]int `json:"bits,omitempty"` // [high, low] within the byte at Offset
	// Value is a number, a string, or, for binary data, its hex.
	Value  any     `json:"value,omitempty"`
	Text   string  `json:"text,omitempty"` // what the value means
	Math   string  `json:"math,omitempty"` // how the value is worked out
	Cut    bool    `json:"cut,omitempty"`  // the field should be longer than what is there
	Group  Group   `json:"group"`
	Fields []Field `json:"fields,omitempty"`

	shown *rendered // where its texts come from; nil if they were made for it alone
}

// Group is what a field has to do with, and so its colour on every page.
type Group string

// The groups, in the order in which they meet the eye in packets.
const (
	GroupHeader   Group = "header"   // the first byte
	GroupLength   Group = "length"   // Remaining Length and every other length
	GroupProtocol Group = "protocol" // Protocol Name and level
	GroupFlags    Group = "flags"    // Connect Flags, options
	GroupTime     Group = "time"     // Keep Alive
	GroupID       Group = "id"       // Packet Identifier
	GroupClient   Group = "client"   // Client Identifier
	GroupTopic    Group = "topic"    // Topic Names and Topic Filters
	GroupWill     Group = "will"     // the Will
	GroupSecret   Group = "secret"   // User Name and Password
	GroupPayload  Group = "payload"  // what the message says
	GroupCode     Group = "code"     // return and Reason Codes, granted QoS
	GroupProperty Group = "property" // 5.0's properties
	GroupUnread   Group = "unread"   // bytes without a meaning
)

// Severity of a finding.
type Severity string

// The severities: a broken rule; allowed, but it will bite; good to know.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Finding is something wrong or noteworthy in a packet, at its exact bytes.
type Finding struct {
	Severity Severity `json:"severity"`
	Rule     string   `json:"rule,omitempty"` // "MQTT-3.1.2-3", or a section "§2.2.3"
	Also     []string `json:"also,omitempty"` // statements about this field or packet that say the same
	Code     string   `json:"code"`           // a stable slug: "reserved-flags"
	Offset   int      `json:"offset"`
	Length   int      `json:"length"`
	Bits     *[2]int  `json:"bits,omitempty"`
	Text     string   `json:"text"`
	Repair   *Repair  `json:"repair,omitempty"`
}

// Link joins a packet to an earlier one of the same connection.
type Link struct {
	To int `json:"to"` // the other packet's index; its own for "alias-set"
	// Kind is "answers", "grants" (one code of a SUBACK or UNSUBACK and its
	// filter), "duplicate", "alias-set", "alias" or "matches" (a PUBLISH and
	// the SUBSCRIBE because of which it is delivered).
	Kind   string `json:"kind"`
	Text   string `json:"text"`
	Offset int    `json:"offset"` // the part of this packet that it is about
	Length int    `json:"length"`
}

// Repair is the corrected packet.
type Repair struct {
	Hex  string `json:"hex"`
	Text string `json:"text"`
}

// Answer is the packet that a well-behaved other side sends back.
type Answer struct {
	Hex  string `json:"hex"`
	Text string `json:"text"`
}

// Rest is what follows the last whole packet: the start of one, or bytes that
// can begin none. Its fields are all that could be read.
type Rest struct {
	Offset   int       `json:"offset"`
	Length   int       `json:"length"`
	Why      string    `json:"why"`
	Type     string    `json:"type,omitempty"`
	Hex      string    `json:"hex"`
	Fields   []Field   `json:"fields,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}
