// Package spec is the catalogue: what the MQTT specifications demand and what
// every field, property and reason code means, in the words of mqttlab, in
// each language that mqttlab speaks.
//
// All text is data under data/, embedded in the binary. A file is read the
// first time something in it is asked for, so that starting the program costs
// nothing. The text is our own: the specifications are paraphrased, and URL
// says where to read the original.
//
//	data/statements-VERSION.yaml       normative statements, in the specification's order
//	data/labels.yaml                   names of fields and properties in other languages
//	data/reasons.yaml                  the names of return codes and reason codes
//	data/anchors-VERSION.yaml          the sections of OASIS's HTML documents
//	data/LANG/statements-VERSION.yaml  the text of each statement
//	data/LANG/reasons.yaml             the text of each code
//	data/LANG/fields.yaml              what, why, read and mistake for each field
//	data/LANG/packets.yaml             the Control Packet types
//	data/LANG/properties.yaml          the properties of 5.0
//	data/LANG/glossary.yaml            the terms
//	data/LANG/messages/*.yaml          templates for everything else that is said
//
// Texts are plain, with one mark: backquotes stand around bytes and other
// things that are meant literally, such as `c0 00` or `test/#`.
//
// To add a message: a line "key: text with {placeholder}" in a file under
// data/LANG/messages of every language. Any number of files may lie there, of
// the same names in each language; their keys share one name space, and no key
// may stand twice.
//
// To add a field: an entry under the field's name in every data/LANG/fields.yaml.
// Where its meaning depends on the packet or the version, add name@PUBLISH,
// name@5.0 or name@PUBLISH@5.0 with the texts that differ; what an override
// leaves out is taken from the entry that it overrides.
//
// To add a language: one row in the table in lang.go and a directory. The
// tests say what is missing.
package spec
