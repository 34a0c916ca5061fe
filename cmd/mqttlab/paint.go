package main

import (
	"io"
	"os"

	"mqttlab/mqttcore/annotate"
)

// painter returns what colours a text for w: nothing unless w is a terminal
// and the user has not said no (https://no-color.org).
func painter(w io.Writer) func(code, s string) string {
	plain := func(_, s string) string { return s }
	if !isTerminal(w) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return plain
	}
	return func(code, s string) string {
		if code == "" || s == "" {
			return s
		}
		return "\x1b[" + code + "m" + s + "\x1b[0m"
	}
}

// isTerminal says whether a stream is a terminal, or at least a device that is not the empty one.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// The colours, as parameters of the terminal's SGR sequence. They never say
// anything that the text does not.
const (
	bold = "1"
	dim  = "2"
)

var groupColours = map[annotate.Group]string{
	annotate.GroupHeader:   "36",
	annotate.GroupLength:   "33",
	annotate.GroupProtocol: "34",
	annotate.GroupFlags:    "35",
	annotate.GroupTime:     "32",
	annotate.GroupID:       "95",
	annotate.GroupClient:   "94",
	annotate.GroupTopic:    "92",
	annotate.GroupWill:     "96",
	annotate.GroupSecret:   "31",
	annotate.GroupCode:     "93",
	annotate.GroupProperty: "34",
	annotate.GroupUnread:   "91",
}

var severityColours = map[annotate.Severity]string{
	annotate.Error:   "1;31",
	annotate.Warning: "33",
	annotate.Note:    "36",
}
